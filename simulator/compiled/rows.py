"""What happens to a block of cells: sums of stages, the coupling's taps, edges, errors.

All blocks of a thread lie in one flat workspace `m`, addressed by offsets: array objects made and counted row by row
would cost more than the arithmetic. Offsets are unsigned, so that no index is taken from the end, which would keep
loops from vectorising. Multiply-adds are fused by hand (`fma`): a cell has the same bits wherever in a row, a block
or a thread it is computed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ...devices.codegen.fast_math import bits_of, fma

ZERO_FLUX, PERIODIC, FIXED = 0, 1, 2
INFINITE = 0x7FF0000000000000
"""The bits of infinity."""
MOST_TERMS = 6
"""The most rates that a stage, an error estimate or an interpolant combines."""


@njit(error_model="numpy")
def combine(m, base, places, weights, count, out, cells):  # type: ignore[no-untyped-def]
    """m[out + j] = m[base + j] + sum over n < count of weights[n] m[places[n] + j]."""
    o, z, cells = np.uint64(out), np.uint64(base), np.uint64(cells)
    if count == 1:
        a, wa = places[0], weights[0]
        for j in range(cells):
            m[o + j] = fma(wa, m[a + j], m[z + j])
    elif count == 2:
        a, wa, b, wb = places[0], weights[0], places[1], weights[1]
        for j in range(cells):
            m[o + j] = m[z + j] + fma(wb, m[b + j], wa * m[a + j])
    elif count == 3:
        a, wa, b, wb, c, wc = places[0], weights[0], places[1], weights[1], places[2], weights[2]
        for j in range(cells):
            m[o + j] = m[z + j] + fma(wc, m[c + j], fma(wb, m[b + j], wa * m[a + j]))
    elif count == 4:
        a, wa, b, wb, c, wc = places[0], weights[0], places[1], weights[1], places[2], weights[2]
        d, wd = places[3], weights[3]
        for j in range(cells):
            m[o + j] = m[z + j] + fma(wd, m[d + j], fma(wc, m[c + j], fma(wb, m[b + j], wa * m[a + j])))
    elif count == 5:
        a, wa, b, wb, c, wc = places[0], weights[0], places[1], weights[1], places[2], weights[2]
        d, wd, e, we = places[3], weights[3], places[4], weights[4]
        for j in range(cells):
            s = fma(wc, m[c + j], fma(wb, m[b + j], wa * m[a + j]))
            m[o + j] = m[z + j] + fma(we, m[e + j], fma(wd, m[d + j], s))
    elif count == 6:
        a, wa, b, wb, c, wc = places[0], weights[0], places[1], weights[1], places[2], weights[2]
        d, wd, e, we, f, wf = places[3], weights[3], places[4], weights[4], places[5], weights[5]
        for j in range(cells):
            s = fma(wc, m[c + j], fma(wb, m[b + j], wa * m[a + j]))
            m[o + j] = m[z + j] + fma(wf, m[f + j], fma(we, m[e + j], fma(wd, m[d + j], s)))
    else:
        for j in range(cells):
            m[o + j] = m[z + j]


@njit(error_model="numpy")
def sum_taps(m, feed, y, shifts, weights, first, last, out, cells):  # type: ignore[no-untyped-def]
    """m[out + j] = m[feed + j] + sum over taps n in [first, last) of weights[n] m[y + shifts[n] + j].

    Nine, three or one tap in one pass; the order of the sum is that of the taps.
    """
    n, o, y, z, cells = first, np.uint64(out), np.uint64(y), np.uint64(feed), np.uint64(cells)
    while last - n >= 9:
        a, b, c = y + shifts[n], y + shifts[n + 1], y + shifts[n + 2]
        d, e, f = y + shifts[n + 3], y + shifts[n + 4], y + shifts[n + 5]
        g, h, i = y + shifts[n + 6], y + shifts[n + 7], y + shifts[n + 8]
        wa, wb, wc, wd, we = weights[n], weights[n + 1], weights[n + 2], weights[n + 3], weights[n + 4]
        wf, wg, wh, wi = weights[n + 5], weights[n + 6], weights[n + 7], weights[n + 8]
        for j in range(cells):
            s = fma(wc, m[c + j], fma(wb, m[b + j], fma(wa, m[a + j], m[z + j])))
            s = fma(wf, m[f + j], fma(we, m[e + j], fma(wd, m[d + j], s)))
            m[o + j] = fma(wi, m[i + j], fma(wh, m[h + j], fma(wg, m[g + j], s)))
        n, z = n + 9, o
    while last - n >= 3:
        a, b, c = y + shifts[n], y + shifts[n + 1], y + shifts[n + 2]
        wa, wb, wc = weights[n], weights[n + 1], weights[n + 2]
        for j in range(cells):
            m[o + j] = fma(wc, m[c + j], fma(wb, m[b + j], fma(wa, m[a + j], m[z + j])))
        n, z = n + 3, o
    while last - n >= 1:
        a, wa = y + shifts[n], weights[n]
        for j in range(cells):
            m[o + j] = fma(wa, m[a + j], m[z + j])
        n, z = n + 1, o


@njit(error_model="numpy")
def beyond_edge(index, size, kind):  # type: ignore[no-untyped-def]
    """The cell whose output stands at this index, -1 for the fixed value."""
    if 0 <= index < size:
        return index
    if kind == PERIODIC:
        return index % size
    return -1 if kind == FIXED else min(max(index, 0), size - 1)


@njit(error_model="numpy")
def fill_edges(m, row, cells, reach, kind, beyond):  # type: ignore[no-untyped-def]
    """What lies left and right of the outputs m[row : row + cells], `reach` cells each way."""
    for q in range(reach):
        left, right = beyond_edge(-1 - q, cells, kind), beyond_edge(cells + q, cells, kind)
        m[row - 1 - q] = beyond if left < 0 else m[row + left]
        m[row + cells + q] = beyond if right < 0 else m[row + right]


@njit(error_model="numpy")
def fill(m, place, value, cells):  # type: ignore[no-untyped-def]
    """The same value in all cells."""
    place, cells = np.uint64(place), np.uint64(cells)
    for j in range(cells):
        m[place + j] = value


@njit(error_model="numpy")
def copy(source, start, target, place, cells):  # type: ignore[no-untyped-def]
    """target[place : place + cells] = source[start : start + cells]."""
    start, place, cells = np.uint64(start), np.uint64(place), np.uint64(cells)
    for j in range(cells):
        target[place + j] = source[start + j]


@njit(error_model="numpy")
def copy_within(source, start, target, place, cells, low, high):  # type: ignore[no-untyped-def]
    """As `copy`, with the values held to [low, high]."""
    start, place, cells = np.uint64(start), np.uint64(place), np.uint64(cells)
    for j in range(cells):
        target[place + j] = min(max(source[start + j], low), high)


@njit(error_model="numpy")
def error_bits(m, error, before, after, rtol, atol, cells):  # type: ignore[no-untyped-def]
    """The bits of the largest |error| / (atol + rtol max(|before|, |after|)) of a row.

    The bits of floats that are not negative sort as whole numbers, infinity above all and what is no number above that:
    so a maximum of integers, which vectorises, finds the worst cell, and anything not finite.
    """
    error, before, after, cells = np.uint64(error), np.uint64(before), np.uint64(after), np.uint64(cells)
    worst = np.int64(0)
    for j in range(cells):
        size = max(abs(np.float64(m[before + j])), abs(np.float64(m[after + j])))
        worst = max(worst, bits_of(abs(np.float64(m[error + j])) / (atol + rtol * size)))
    return worst


@njit(error_model="numpy")
def error_place(m, error, before, after, rtol, atol, cells, worst):  # type: ignore[no-untyped-def]
    """The first cell of the row whose ratio has these bits."""
    for j in range(cells):
        size = max(abs(np.float64(m[before + j])), abs(np.float64(m[after + j])))
        if bits_of(abs(np.float64(m[error + j])) / (atol + rtol * size)) == worst:
            return j
    return 0


@njit(error_model="numpy")
def size_bits(m, place, cells):  # type: ignore[no-untyped-def]
    """The bits of the largest |value| of a row; above those of infinity where one is not a number."""
    place, cells = np.uint64(place), np.uint64(cells)
    worst = np.int64(0)
    for j in range(cells):
        worst = max(worst, bits_of(abs(np.float64(m[place + j]))))
    return worst


@njit(error_model="numpy")
def scaled_bits(m, place, cells, factor):  # type: ignore[no-untyped-def]
    """The same of the values times a factor; none of them where that is 0."""
    worst = np.int64(0)
    if factor > 0.0:
        for j in range(np.uint64(cells)):
            worst = max(worst, bits_of(factor * abs(np.float64(m[np.uint64(place) + j]))))
    return worst


@njit(error_model="numpy")
def size_place(m, place, cells, worst):  # type: ignore[no-untyped-def]
    """The first cell of the row of this size."""
    for j in range(cells):
        if bits_of(abs(np.float64(m[place + j]))) == worst:
            return j
    return 0
