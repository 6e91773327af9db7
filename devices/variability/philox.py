"""Philox4x32-10, random numbers from a counter: a number depends on its key and its counter, and on nothing else.

J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, Proc. SC11 (2011).
So any number can be had at any time, on any thread, in any order, without the numbers before it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ROUNDS = 10
# typed, because numba makes a float of an unsigned number and a plain one
MULTIPLIER_0, MULTIPLIER_2 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, WORD = np.uint64(0xFFFFFFFF), np.uint64(32)


@njit(inline="always")
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Four random 32-bit words for a counter of four words and a key of two.

    All are uint64 that hold 32 bits: so the products of a round are whole, and loops over counters vectorise.
    """
    for _ in range(ROUNDS):
        p0, p2 = MULTIPLIER_0 * c0, MULTIPLIER_2 * c2
        c0, c1, c2, c3 = (p2 >> WORD) ^ c1 ^ k0, p2 & LOW, (p0 >> WORD) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + WEYL_0) & LOW, (k1 + WEYL_1) & LOW
    return c0, c1, c2, c3
