"""What the names in generated source mean to numba: scalar functions, inlined."""

from __future__ import annotations

import math

from numba import njit

from .fast_math import cosh as cosh
from .fast_math import exp as exp
from .fast_math import select
from .fast_math import sinh as sinh
from .fast_math import tanh as tanh

sin, cos, log, sqrt, absolute = math.sin, math.cos, math.log, math.sqrt, abs
where = select


@njit(inline="always")
def maximum(a, b):  # type: ignore[no-untyped-def]
    return select(a > b, a, b)


@njit(inline="always")
def minimum(a, b):  # type: ignore[no-untyped-def]
    return select(a < b, a, b)


@njit(inline="always")
def root(z):  # type: ignore[no-untyped-def]
    return math.sqrt(abs(z))


@njit(inline="always")
def power(base, exponent):  # type: ignore[no-untyped-def]
    return abs(base) ** exponent


@njit(inline="always")
def sign(z):  # type: ignore[no-untyped-def]
    return select(z > 0.0, 1.0, select(z < 0.0, -1.0, 0.0))


@njit(inline="always")
def at_least(a, b):  # type: ignore[no-untyped-def]
    return select(a >= b, 1.0, 0.0)
