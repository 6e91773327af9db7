"""Standard normal numbers by name: each belongs to one seed, purpose, layer, step, sample, state and cell.

Box and Muller's transform of Philox's uniform numbers, with a logarithm, sine and cosine of our own: they vectorise,
and give the same bits on every machine, which those of the system's library do not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...devices.codegen.fast_math import bits_of, from_bits, select
from ...devices.variability.philox import LOW, WORD, philox4x32

THERMAL_NOISE = 1
"""The purpose of a stream; others of the same seed take other numbers."""

ONE_BITS = np.int64(0x3FF0000000000000)  # the float 1.0
MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
TWELVE, TWENTY = np.uint64(12), np.uint64(20)
ROUND = 6755399441055744.0  # 1.5 2^52: adding it rounds to a whole number, which then fills the lowest bits
ROUND_BITS = np.int64(0x4338000000000000)
LN2, SQRT2, PI = math.log(2.0), math.sqrt(2.0), math.pi


@njit(inline="always")
def _fraction(high, low):  # type: ignore[no-untyped-def]
    """A float in [1, 2) from two 32-bit words: their upper 52 bits are its mantissa."""
    return from_bits(np.int64((high << TWENTY) | (low >> TWELVE)) | ONE_BITS)


@njit(inline="always")
def _log(u):  # type: ignore[no-untyped-def]
    """ln u of a normal float u > 0: the series of artanh for the mantissa, good to 2e-16."""
    bits = bits_of(u)
    exponent = from_bits(((bits >> 52) - 1023) + ROUND_BITS) - ROUND
    m = from_bits((bits & MANTISSA) | ONE_BITS)
    upper = m > SQRT2
    m = select(upper, 0.5 * m, m)
    exponent = select(upper, exponent + 1.0, exponent)
    f = (m - 1.0) / (m + 1.0)
    s = f * f
    p = 1.0 / 21.0
    p = p * s + 1.0 / 19.0
    p = p * s + 1.0 / 17.0
    p = p * s + 1.0 / 15.0
    p = p * s + 1.0 / 13.0
    p = p * s + 1.0 / 11.0
    p = p * s + 1.0 / 9.0
    p = p * s + 1.0 / 7.0
    p = p * s + 1.0 / 5.0
    p = p * s + 1.0 / 3.0
    return exponent * LN2 + (2.0 * f + 2.0 * f * s * p)


@njit(inline="always")
def _cos_sin(turns):  # type: ignore[no-untyped-def]
    """cos and sin of 2 pi turns, 0 <= turns < 1: Taylor's polynomials within an eighth of a turn of the axes."""
    shifted = 4.0 * turns + ROUND
    angle = (turns - 0.25 * (shifted - ROUND)) * (2.0 * PI)
    s = angle * angle
    p = -1.0 / 1307674368000.0
    p = p * s + 1.0 / 6227020800.0
    p = p * s - 1.0 / 39916800.0
    p = p * s + 1.0 / 362880.0
    p = p * s - 1.0 / 5040.0
    p = p * s + 1.0 / 120.0
    p = p * s - 1.0 / 6.0
    sine = angle + angle * s * p
    q = 1.0 / 20922789888000.0
    q = q * s - 1.0 / 87178291200.0
    q = q * s + 1.0 / 479001600.0
    q = q * s - 1.0 / 3628800.0
    q = q * s + 1.0 / 40320.0
    q = q * s - 1.0 / 720.0
    q = q * s + 1.0 / 24.0
    q = q * s - 0.5
    cosine = q * s + 1.0
    quadrant = bits_of(shifted) & 3
    turned = (quadrant & 1) != 0
    c, d = select(turned, -sine, cosine), select(turned, cosine, sine)
    opposite = quadrant >= 2
    return select(opposite, -c, c), select(opposite, -d, d)


@njit(cache=True, nogil=True)
def _fill(out, k0, k1, sample, tag, first_step):  # type: ignore[no-untyped-def]
    """The normal numbers (steps, cells) into `out`; cells 2n and 2n + 1 share one pair."""
    steps, cells = out.shape
    for n in range(steps):
        step = np.uint64(first_step + n)
        row = out[n]
        for pair in range(cells // 2):
            row[2 * pair], row[2 * pair + 1] = _pair(np.uint64(pair), step, sample, tag, k0, k1)
        if cells % 2:
            row[cells - 1] = _pair(np.uint64(cells // 2), step, sample, tag, k0, k1)[0]


@njit(inline="always")
def _pair(pair, step, sample, tag, k0, k1):  # type: ignore[no-untyped-def]
    """G. E. P. Box, M. E. Muller, Ann. Math. Statist. 29(2), 610-611 (1958)."""
    a, b, c, d = philox4x32(pair, step, sample, tag, k0, k1)
    radius = math.sqrt(-2.0 * _log(2.0 - _fraction(a, b)))  # of numbers in (0, 1]
    cosine, sine = _cos_sin(_fraction(c, d) - 1.0)
    return radius * cosine, radius * sine


@dataclass(frozen=True)
class NormalStream:
    """The normal numbers of one purpose, layer (below 65536) and state variable (below 256), under one seed
    (below 2^64)."""

    seed: int
    purpose: int
    layer: int = 0
    state: int = 0

    def fill(self, out: NDArray[np.float64], sample: int, first_step: int) -> None:
        """Write those of this sample and the steps from `first_step` on into `out` (steps, cells).

        Samples, steps and cells are counted below 2^32.
        """
        tag = self.purpose << 24 | self.state << 16 | self.layer
        seed = np.uint64(self.seed)
        _fill(out, seed & LOW, seed >> WORD, np.uint64(sample), np.uint64(tag), first_step)
