"""Standard normal numbers of single precision, each by its place: fast enough for every weight of a network and run.

Box and Muller's transform of Philox's words, with a logarithm, sine and cosine of single precision that vectorise and
use nothing but correctly rounded operations: so the bits are the same on every machine and for any number of threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from ..codegen.fast_math import fma, select
from .philox import LOW, WORD, philox4x32

F, I = np.float32, np.int32  # noqa: E741
ONE_WORD = F(2.0**-32)
ROUND = F(12582912.0)  # 1.5 2^23: adding it rounds to a whole number, which then fills the lowest bits
TURN = F(2.0 * math.pi)
LN2, HALF_ROOT_BITS = F(math.log(2.0)), I(0x3F3504F3)  # the bits of sqrt(1/2)
SHIFT = I(23)


@intrinsic
def _bits_of(typing_context: Any, value: Any) -> Any:
    """The bits of a float32 as an int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), generate


@intrinsic
def _of_bits(typing_context: Any, value: Any) -> Any:
    """The float32 of these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


# numba gives intrinsics the signature they have at compile time
_bits: Any = _bits_of
_from_bits: Any = _of_bits


@njit(inline="always")
def _log(u):  # type: ignore[no-untyped-def]
    """ln u of a normal float32 u > 0: the polynomial of Cephes' logf (S. L. Moshier), good to 1e-7."""
    bits = _bits(u)
    exponent = (bits - HALF_ROOT_BITS) >> SHIFT
    f = _from_bits(bits - (exponent << SHIFT)) - F(1.0)  # the mantissa from sqrt(1/2) to sqrt(2), less 1
    s = f * f
    p = fma(F(7.0376836292e-2), f, F(-1.1514610310e-1))
    p = fma(p, f, F(1.1676998740e-1))
    p = fma(p, f, F(-1.2420140846e-1))
    p = fma(p, f, F(1.4249322787e-1))
    p = fma(p, f, F(-1.6668057665e-1))
    p = fma(p, f, F(2.0000714765e-1))
    p = fma(p, f, F(-2.4999993993e-1))
    p = fma(p, f, F(3.3333331174e-1))
    return fma(F(exponent), LN2, f + fma(F(-0.5), s, p * f * s))


@njit(inline="always")
def _cos_sin(turns):  # type: ignore[no-untyped-def]
    """cos and sin of 2 pi turns, -1/2 <= turns <= 1/2: Cephes' polynomials within an eighth of a turn of the axes."""
    shifted = fma(turns, F(4.0), ROUND)
    angle = fma(shifted - ROUND, F(-0.25), turns) * TURN
    s = angle * angle
    p = fma(fma(F(-1.9515295891e-4), s, F(8.3321608736e-3)), s, F(-1.6666654611e-1))
    sine = fma(p * s, angle, angle)
    q = fma(fma(F(2.443315711809948e-5), s, F(-1.388731625493765e-3)), s, F(4.166664568298827e-2))
    cosine = fma(q, s * s, fma(F(-0.5), s, F(1.0)))
    quadrant = _bits(shifted)
    turned, opposite = (quadrant & I(1)) != I(0), (quadrant & I(2)) != I(0)
    c, d = select(turned, -sine, cosine), select(turned, cosine, sine)
    return select(opposite, -c, c), select(opposite, -d, d)


@njit(inline="always")
def _pair(a, b):  # type: ignore[no-untyped-def]
    """G. E. P. Box, M. E. Muller, Ann. Math. Statist. 29(2), 610-611 (1958), of two words: at most 6.7."""
    u = fma(F(I(a >> np.uint64(1))), F(2.0) * ONE_WORD, ONE_WORD)  # fine near 0, where the tail comes from
    radius = F(math.sqrt(F(-2.0) * _log(u)))
    cosine, sine = _cos_sin(F(I(b)) * ONE_WORD)
    return radius * cosine, radius * sine


@njit(inline="always")
def _four(p, row, plane, k0, k1):  # type: ignore[no-untyped-def]
    a, b, c, d = philox4x32(p, row, plane, np.uint64(0), k0, k1)
    n0, n1 = _pair(a, b)
    n2, n3 = _pair(c, d)
    return n0, n1, n2, n3


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(out, row, k0, k1):  # type: ignore[no-untyped-def]
    """Four quarters of a plane share their counters."""
    n = out.shape[1]
    quarter, end = np.uint64((n + 3) // 4), np.uint64(n)
    whole = np.uint64(max(n - 3 * ((n + 3) // 4), 0))
    second, third = quarter + quarter, quarter + quarter + quarter
    for k in range(len(out)):
        plane, numbers = np.uint64(k), out[k]
        for p in range(whole):
            n0, n1, n2, n3 = _four(p, row, plane, k0, k1)
            numbers[p], numbers[p + quarter], numbers[p + second], numbers[p + third] = n0, n1, n2, n3
        for p in range(whole, quarter):
            n0, n1, n2, _ = _four(p, row, plane, k0, k1)
            numbers[p] = n0
            if p + quarter < end:
                numbers[p + quarter] = n1
            if p + second < end:
                numbers[p + second] = n2


def fill_normals(out: NDArray[Any], key: int, row: int = 0) -> None:
    """Write the numbers that belong to a key (64 bits), a row (below 2^32) and their places into `out` (planes, count),
    contiguous, of single or double precision, without the interpreter's lock. How many are counted in a plane changes
    which they are."""
    word = np.uint64(key)
    _fill(out, np.uint64(row), word & LOW, word >> WORD)
