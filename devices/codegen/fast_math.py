"""exp, sinh, cosh and tanh for numba, written so that loops over cells vectorise.

libm's functions are calls, at which a loop stops vectorising. These are polynomials and bit shifts, good to about
1e-15 (exp) and 1e-14 (the others) relative; not a number stays not a number.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first of them exact when multiplied by a whole number (Cody & Waite 1980)
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
ROUND = 6755399441055744.0  # 1.5 2^52: adding it rounds to a whole number, which then fills the lowest bits
LARGEST, SMALLEST = 709.0, -708.0


@intrinsic
def _bits(typing_context: Any, value: Any) -> Any:
    """The bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(typing_context: Any, value: Any) -> Any:
    """The float64 of these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _select(typing_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`: LLVM's select. An `if` would be turned into a jump, around which
    the compiler gathers what only one side needs, and the loop would not vectorise."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    kind = typing_context.unify_types(yes, no)
    return kind(types.boolean, kind, kind), generate


@intrinsic
def _fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once. Written out, because a compiler free to fuse does so in the vector body of a loop and not
    in its remainder: the same cell would give other bits at another place."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    kind = typing_context.unify_types(typing_context.unify_types(a, b), c)
    return kind(kind, kind, kind), generate


# numba gives intrinsics the signature they have at compile time
select: Any = _select
fma: Any = _fma
bits_of: Any = _bits
from_bits: Any = _from_bits


@njit(inline="always")
def exp(z):  # type: ignore[no-untyped-def]
    """e^z; z is limited to [-708, 709], where the result is neither 0 nor infinite."""
    z = select(z > LARGEST, LARGEST, z)
    z = select(z < SMALLEST, SMALLEST, z)
    shifted = fma(z, LOG2_E, ROUND)
    k = shifted - ROUND
    r = fma(-k, LN2_LOW, fma(-k, LN2_HIGH, z))
    # e^r for |r| <= ln(2)/2: Taylor's polynomial of degree 12, whose remainder is below 2e-16
    p = 1.0 / 479001600.0
    p = fma(p, r, 1.0 / 39916800.0)
    p = fma(p, r, 1.0 / 3628800.0)
    p = fma(p, r, 1.0 / 362880.0)
    p = fma(p, r, 1.0 / 40320.0)
    p = fma(p, r, 1.0 / 5040.0)
    p = fma(p, r, 1.0 / 720.0)
    p = fma(p, r, 1.0 / 120.0)
    p = fma(p, r, 1.0 / 24.0)
    p = fma(p, r, 1.0 / 6.0)
    p = fma(p, r, 0.5)
    p = fma(p, r, 1.0)
    p = fma(p, r, 1.0)
    return p * from_bits((bits_of(shifted) + 1023) << 52)


@njit(inline="always")
def sinh(z):  # type: ignore[no-untyped-def]
    """Sinh z: a polynomial below 1, where the difference of exponentials would cancel."""
    e = exp(z)
    s = z * z
    p = 1.0 / 355687428096000.0
    p = fma(p, s, 1.0 / 1307674368000.0)
    p = fma(p, s, 1.0 / 6227020800.0)
    p = fma(p, s, 1.0 / 39916800.0)
    p = fma(p, s, 1.0 / 362880.0)
    p = fma(p, s, 1.0 / 5040.0)
    p = fma(p, s, 1.0 / 120.0)
    p = fma(p, s, 1.0 / 6.0)
    small = fma(z * s, p, z)
    large = 0.5 * (e - 1.0 / e)
    return select(s < 1.0, small, large)


@njit(inline="always")
def cosh(z):  # type: ignore[no-untyped-def]
    """Cosh z."""
    e = exp(z)
    return 0.5 * (e + 1.0 / e)


@njit(inline="always")
def tanh(z):  # type: ignore[no-untyped-def]
    """Tanh z."""
    z = select(z > 20.0, 20.0, z)
    z = select(z < -20.0, -20.0, z)
    return sinh(z) / cosh(z)
