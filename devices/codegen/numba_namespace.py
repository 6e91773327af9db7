"""What the names in generated source mean to numba: scalar functions, inlined."""

from __future__ import annotations

import math

from numba import njit

exp, sinh, cosh, tanh, sin, cos = math.exp, math.sinh, math.cosh, math.tanh, math.sin, math.cos
log, sqrt, absolute = math.log, math.sqrt, abs


@njit(inline="always")
def maximum(a, b):  # type: ignore[no-untyped-def]
    return a if a > b else b


@njit(inline="always")
def minimum(a, b):  # type: ignore[no-untyped-def]
    return a if a < b else b


@njit(inline="always")
def root(z):  # type: ignore[no-untyped-def]
    return math.sqrt(abs(z))


@njit(inline="always")
def power(base, exponent):  # type: ignore[no-untyped-def]
    return abs(base) ** exponent


@njit(inline="always")
def sign(z):  # type: ignore[no-untyped-def]
    return 1.0 if z > 0.0 else (-1.0 if z < 0.0 else 0.0)


@njit(inline="always")
def at_least(a, b):  # type: ignore[no-untyped-def]
    return 1.0 if a >= b else 0.0
