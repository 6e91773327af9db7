"""From equations to code: tracing with sympy, printing, and the cache of generated modules."""
