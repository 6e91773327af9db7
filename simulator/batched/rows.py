"""What happens to a row of cells besides its equations: sums of stages, and outputs laid down with the edges.

Indices are unsigned: those that might be taken from the end of an array keep a loop from vectorising. Multiply-adds are
fused by hand, so that a cell has the same bits wherever in a loop it is computed.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ...devices.codegen.fast_math import fma, select

ZERO_FLUX, PERIODIC, FIXED = 0, 1, 2
KINDS = {"zero-flux": ZERO_FLUX, "periodic": PERIODIC, "fixed": FIXED}
MOST_TERMS = 6
"""The most rates that a stage, an error estimate or an interpolant combines."""
CELLS_AT_A_TIME = 4096
"""Rows are taken together up to so many cells, which stay in the cache nearest to the core."""


@njit(error_model="numpy")
def cell_at(index, size, kind):  # type: ignore[no-untyped-def]
    """The cell whose value stands at this index."""
    return index % size if kind == PERIODIC else min(max(index, 0), size - 1)


@njit(error_model="numpy")
def copy(source, a, target, b, count):  # type: ignore[no-untyped-def]
    """Set target[b : b + count] to source[a : a + count]."""
    a, b = np.uint64(a), np.uint64(b)
    for j in range(np.uint64(count)):
        target[b + j] = source[a + j]


@njit(error_model="numpy")
def spread(y, place, padded, i, geometry):  # type: ignore[no-untyped-def]
    """Lay the outputs of row i, which are in y from `place` on, into those of a sample (padded cells,), and wherever
    beyond the edge they stand too."""
    rows, columns, outer, inner, above, left, kind = geometry
    width = (columns + 2 * left) * inner
    line = outer * width
    for o in range(outer):
        start, own = (i + above) * line + o * width, place + o * columns * inner
        copy(y, own, padded, start + left * inner, columns * inner)
        if kind != FIXED:
            for q in range(left):
                copy(y, own + cell_at(q - left, columns, kind) * inner, padded, start + q * inner, inner)
                beyond = start + (left + columns + q) * inner
                copy(y, own + cell_at(columns + q, columns, kind) * inner, padded, beyond, inner)
    if kind != FIXED:
        for q in range(above):
            if cell_at(q - above, rows, kind) == i:
                copy(padded, (i + above) * line, padded, q * line, line)
            if cell_at(rows + q, rows, kind) == i:
                copy(padded, (i + above) * line, padded, (above + rows + q) * line, line)


@njit(error_model="numpy")
def _sum_1(out, o, s, ka, wa, a, b):  # type: ignore[no-untyped-def]
    for j in range(a, b):
        out[o + j] = fma(wa, ka[j], s[j])


@njit(error_model="numpy")
def _sum_2(out, o, s, ka, kb, wa, wb, a, b):  # type: ignore[no-untyped-def]
    for j in range(a, b):
        out[o + j] = s[j] + fma(wb, kb[j], wa * ka[j])


@njit(error_model="numpy")
def _sum_4(out, o, s, ka, kb, kc, kd, wa, wb, wc, wd, a, b):  # type: ignore[no-untyped-def]
    for j in range(a, b):
        out[o + j] = s[j] + fma(wd, kd[j], fma(wc, kc[j], fma(wb, kb[j], wa * ka[j])))


@njit(error_model="numpy")
def _sum_6(out, o, s, ka, kb, kc, kd, ke, kf, wa, wb, wc, wd, we, wf, a, b):  # type: ignore[no-untyped-def]
    for j in range(a, b):
        first = fma(wc, kc[j], fma(wb, kb[j], wa * ka[j]))
        out[o + j] = s[j] + fma(wf, kf[j], fma(we, ke[j], fma(wd, kd[j], first)))


@njit(error_model="numpy")
def combine(out, o, s, k, slots, q, terms, weights, count, h, a, b):  # type: ignore[no-untyped-def]
    """out[o + j] = s[j] + h sum over n < count of weights[n] k[slots[terms[n]], q, j], a <= j < b, o unsigned.

    k is (stages, states, cells); beyond `count`, terms repeat one that is there and weights are 0.
    """
    o, a, b = np.uint64(o), np.uint64(a), np.uint64(b)
    ka, kb, wa, wb = k[slots[terms[0]], q], k[slots[terms[1]], q], h * weights[0], h * weights[1]
    if count == 1:
        _sum_1(out, o, s, ka, wa, a, b)
        return
    if count == 2:
        _sum_2(out, o, s, ka, kb, wa, wb, a, b)
        return
    kc, kd, wc, wd = k[slots[terms[2]], q], k[slots[terms[3]], q], h * weights[2], h * weights[3]
    if count <= 4:
        _sum_4(out, o, s, ka, kb, kc, kd, wa, wb, wc, wd, a, b)
        return
    ke, kf, we, wf = k[slots[terms[4]], q], k[slots[terms[5]], q], h * weights[4], h * weights[5]
    _sum_6(out, o, s, ka, kb, kc, kd, ke, kf, wa, wb, wc, wd, we, wf, a, b)


@njit(error_model="numpy")
def confine(x, a, b):  # type: ignore[no-untyped-def]
    """Hold x[a : b] to [0, 1], which a step may leave by its error; not a number stays so."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for j in range(np.uint64(a), np.uint64(b)):
        x[j] = select(x[j] < 0, zero, select(x[j] > 1, one, x[j]))
