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


# e^r for |r| <= ln(2)/2, near the best of its degree (interpolated at Chebyshev's points, 50 digits): within 2e-17
C2, C3, C4, C5 = 0.5000000000000019, 0.1666666666666668, 0.04166666666648809, 0.008333333333319601
C6, C7, C8 = 0.0013888888952314812, 0.00019841269890047143, 2.480148548228773e-05
C9, C10, C11 = 2.7557240918547625e-06, 2.763263965412376e-07, 2.511003761756205e-08
# (sinh(z)/z - 1)/z^2 as a polynomial of z^2 <= 1/4, made in the same way: within 8e-17
S0, S1, S2 = 0.16666666666666696, 0.008333333333271891, 0.00019841270037858157
S3, S4 = 2.7557099105878018e-06, 2.5152671816138696e-08


@njit(inline="always")
def exp(z):  # type: ignore[no-untyped-def]
    """e^z; z is limited to [-708, 709], where the result is neither 0 nor infinite."""
    z = select(z > LARGEST, LARGEST, z)
    z = select(z < SMALLEST, SMALLEST, z)
    shifted = fma(z, LOG2_E, ROUND)
    k = shifted - ROUND
    r = fma(-k, LN2_LOW, fma(-k, LN2_HIGH, z))
    p = fma(C11, r, C10)
    p = fma(p, r, C9)
    p = fma(p, r, C8)
    p = fma(p, r, C7)
    p = fma(p, r, C6)
    p = fma(p, r, C5)
    p = fma(p, r, C4)
    p = fma(p, r, C3)
    p = fma(p, r, C2)
    p = fma(p, r, 1.0)
    p = fma(p, r, 1.0)
    return p * from_bits((bits_of(shifted) + 1023) << 52)


@njit(inline="always")
def both_exponentials(z):  # type: ignore[no-untyped-def]
    """(e^z, e^-z), z limited to [-708, 708]: the even and the odd half of one polynomial, and no division."""
    z = select(z > -SMALLEST, -SMALLEST, z)
    z = select(z < SMALLEST, SMALLEST, z)
    shifted = fma(z, LOG2_E, ROUND)
    k = shifted - ROUND
    r = fma(-k, LN2_LOW, fma(-k, LN2_HIGH, z))
    s = r * r
    even = fma(C10, s, C8)
    even = fma(even, s, C6)
    even = fma(even, s, C4)
    even = fma(even, s, C2)
    even = fma(even, s, 1.0)
    odd = fma(C11, s, C9)
    odd = fma(odd, s, C7)
    odd = fma(odd, s, C5)
    odd = fma(odd, s, C3)
    odd = fma(odd, s, 1.0)
    power = bits_of(shifted)
    up, down = from_bits((power + 1023) << 52), from_bits((1023 - power) << 52)
    return fma(odd, r, even) * up, fma(-odd, r, even) * down


@njit(inline="always")
def sinh(z):  # type: ignore[no-untyped-def]
    """Sinh z: a polynomial below 1/2, where the difference of exponentials would cancel."""
    grow, decay = both_exponentials(z)
    s = z * z
    p = fma(S4, s, S3)
    p = fma(p, s, S2)
    p = fma(p, s, S1)
    p = fma(p, s, S0)
    return select(s < 0.25, fma(z * s, p, z), 0.5 * (grow - decay))


@njit(inline="always")
def cosh(z):  # type: ignore[no-untyped-def]
    """Cosh z."""
    grow, decay = both_exponentials(z)
    return 0.5 * (grow + decay)


@njit(inline="always")
def tanh(z):  # type: ignore[no-untyped-def]
    """Tanh z."""
    z = select(z > 20.0, 20.0, z)
    z = select(z < -20.0, -20.0, z)
    return sinh(z) / cosh(z)
