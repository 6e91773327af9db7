"""The functions device equations are written with.

Each takes a number, a numpy array or a sympy expression, so one equation can be evaluated at a point,
over an array, or be traced into code. The bounds that keep exponentials finite live here: they are
part of the expression, hence the same in numba, torch and SPICE.
"""

from __future__ import annotations

from typing import Any

import numpy as np

EXPONENT_LIMIT = 300.0
"""Exponents are clipped to +-300: the product of two such exponentials is still finite in float64, and no
device gets there below 3.9 V (Strachan's sinh(v/s_off)). In float32 torch clips to +-80 (`torch_namespace`)."""


def is_symbolic(*values: Any) -> bool:
    """Whether any of the values is a sympy expression (or condition)."""
    return any(hasattr(value, "free_symbols") for value in values)


def _sympy() -> Any:
    import sympy  # imported on use: a start from cached code does not need it

    return sympy


def _symbolic() -> Any:
    from .codegen import symbolic

    return symbolic


def maximum(a: Any, b: Any) -> Any:
    """The larger of the two."""
    return _symbolic().maximum(a, b) if is_symbolic(a, b) else np.maximum(a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller of the two."""
    return _symbolic().minimum(a, b) if is_symbolic(a, b) else np.minimum(a, b)


def clip(z: Any, low: Any, high: Any) -> Any:
    """z limited to [low, high]."""
    return minimum(maximum(z, low), high)


def off_zero(z: Any, distance: float) -> Any:
    """z, but where |z| <= distance moved to between 2 and 4 distances above 0: fit to divide by."""
    near = _symbolic().at_least(distance, absolute(z)) if is_symbolic(z) else np.abs(z) <= distance
    return z + 3 * distance * near


def where(condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, `no` elsewhere."""
    if is_symbolic(condition, yes, no):
        return _sympy().Piecewise((yes, condition), (no, True), evaluate=False)
    return np.where(condition, yes, no)[()]


def exp(z: Any) -> Any:
    """e^z, its exponent limited to +-EXPONENT_LIMIT."""
    z = clip(z, -EXPONENT_LIMIT, EXPONENT_LIMIT)
    return _sympy().exp(z) if is_symbolic(z) else np.exp(z)


def sinh(z: Any) -> Any:
    """sinh z, its argument limited to +-EXPONENT_LIMIT."""
    z = clip(z, -EXPONENT_LIMIT, EXPONENT_LIMIT)
    return _sympy().sinh(z) if is_symbolic(z) else np.sinh(z)


def tanh(z: Any) -> Any:
    """tanh z."""
    return _sympy().tanh(z) if is_symbolic(z) else np.tanh(z)


def sin(z: Any) -> Any:
    """sin z, z in radians."""
    return _sympy().sin(z) if is_symbolic(z) else np.sin(z)


def cos(z: Any) -> Any:
    """cos z, z in radians."""
    return _sympy().cos(z) if is_symbolic(z) else np.cos(z)


def log(z: Any) -> Any:
    """The natural logarithm of z, for z > 0."""
    return _sympy().log(z) if is_symbolic(z) else np.log(z)


def absolute(z: Any) -> Any:
    """|z|."""
    return _sympy().Abs(z) if is_symbolic(z) else np.abs(z)


def root(z: Any) -> Any:
    """sqrt |z|. Its derivative is taken as 0 at z = 0, where the true one is unbounded: every device
    multiplies it by a current that vanishes there faster."""
    return _symbolic().root(z) if is_symbolic(z) else np.sqrt(np.abs(z))


def power(base: Any, exponent: Any) -> Any:
    """|base|^exponent: real for every exponent, 0 at base 0 (the exponent is positive)."""
    if is_symbolic(base, exponent):
        return _symbolic().power(base, exponent)
    return np.abs(base) ** exponent
