"""The largest error of a sample, and the largest voltage, in one pass each.

Numbers that are not negative order like their bits, with infinity and not a number above all others: the largest of
whole numbers is found eight at a time, that of numbers one by one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .rows import combine

CHUNK = 1024
"""Cells at a time: their errors stay in the cache."""


@njit(error_model="numpy")
def _largest(bits, count):  # type: ignore[no-untyped-def]
    """The largest of the first numbers by their bits, the sign left out."""
    kind = bits.dtype.type
    largest, mask = kind(0), kind(0x7FFFFFFFFFFFFFFF >> (64 - 8 * bits.itemsize))
    for j in range(np.uint64(count)):
        largest = max(largest, kind(bits[j] & mask))
    return largest


@njit(error_model="numpy")
def _to_ratios(error, before, after, rtol, atol, a, b):  # type: ignore[no-untyped-def]
    for j in range(a, b):
        error[j - a] = abs(error[j - a]) / (atol + rtol * max(abs(before[j]), abs(after[j])))


@njit(cache=True, nogil=True, error_model="numpy")
def error_ratios(which, m0, m1, h, present, both, k, slots, terms, weights, count, rtol, atol, kind, ratios, wheres):  # type: ignore[no-untyped-def]
    """Of the samples which[m0 : m1]: the largest |error| / (atol + rtol max(|before|, |after|)) over all states and
    cells, inf when not finite, and its place in (states, cells). `kind` is any array of whole numbers as
    large."""
    dtype = both.dtype.type
    bits = np.empty(CHUNK, kind.dtype)
    error, nothing = bits.view(both.dtype), np.zeros(both.shape[-1], both.dtype)
    states, cells = both.shape[2:]
    for m in range(m0, m1):
        n = which[m]
        worst = np.int64(-1)
        for q in range(states):
            before, after = both[present[n], n, q], both[1 - present[n], n, q]
            for a in range(0, cells, CHUNK):
                b = min(a + CHUNK, cells)
                combine(error, -a, nothing, k[n], slots[n], q, terms, weights, count, h[n], a, b)
                _to_ratios(error, before, after, dtype(rtol), dtype(atol[q]), np.uint64(a), np.uint64(b))
                largest = _largest(bits, b - a)
                if largest > worst:
                    worst = largest
                    for j in range(b - a):
                        if bits[j] == worst:
                            wheres[n] = q * cells + a + j
                            ratios[n] = error[j] if error[j] < np.inf else np.inf
                            break


@njit(cache=True, nogil=True, error_model="numpy")
def peaks(which, m0, m1, present, bits, largest):  # type: ignore[no-untyped-def]
    """Of the proposals of the samples which[m0 : m1] the largest |state|, (samples, states), all as
    bits."""
    for m in range(m0, m1):
        n = which[m]
        for q in range(bits.shape[2]):
            largest[n, q] = _largest(bits[1 - present[n], n, q], bits.shape[3])
