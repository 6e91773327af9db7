"""The coupling: what a cell receives from its neighbourhood through a template.

A correlation, as in the SZTAKI library: weight [dk, dl] multiplies the value at (i + dk, j + dl).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..circuits.boundary import Boundary

ZERO_FLUX, PERIODIC, FIXED = 0, 1, 2
KINDS = {"zero-flux": ZERO_FLUX, "periodic": PERIODIC, "fixed": FIXED}

Array = NDArray[np.float64]


@njit(cache=True)
def _beyond(index, size, kind):  # type: ignore[no-untyped-def]
    """The cell whose value stands at this index, -1 for a fixed value."""
    if 0 <= index < size:
        return index
    if kind == PERIODIC:
        return index % size
    return -1 if kind == FIXED else min(max(index, 0), size - 1)


@njit(cache=True)
def _pad(values, kind, beyond, padded):  # type: ignore[no-untyped-def]
    channels, rows, columns = values.shape
    above = (padded.shape[1] - rows) // 2
    left = (padded.shape[2] - columns) // 2
    for k in range(channels):
        for p in range(padded.shape[1]):
            i = _beyond(p - above, rows, kind)
            if i < 0:
                padded[k, p, :] = beyond
                continue
            for q in range(left):
                j = _beyond(q - left, columns, kind)
                padded[k, p, q] = beyond if j < 0 else values[k, i, j]
                j = _beyond(columns + q, columns, kind)
                padded[k, p, left + columns + q] = beyond if j < 0 else values[k, i, j]
            padded[k, p, left : left + columns] = values[k, i]


@njit(cache=True)
def _correlate(padded, weights, out):  # type: ignore[no-untyped-def]
    """Add the correlation to `out`, row by row, so that a row stays in the cache while all weights pass over it.

    The order of the sum is fixed: results repeat bit for bit.
    """
    outs, ins, height, width = weights.shape
    _, rows, columns = out.shape
    for o in range(outs):
        for i in range(rows):
            for n in range(ins):
                for k in range(height):
                    for m in range(width):
                        w = weights[o, n, k, m]
                        if w != 0.0:
                            for j in range(columns):
                                out[o, i, j] += w * padded[n, i + k, j + m]


class Coupling:
    """The correlation with one set of weights (out, in, height, width) under one boundary.

    `beyond` is the fixed boundary's value in the units of what is coupled (V).
    """

    def __init__(self, weights: Array, boundary: Boundary, rows: int, columns: int, beyond: float) -> None:
        self._weights = np.ascontiguousarray(weights)
        self._kind, self._beyond = KINDS[boundary.kind], beyond
        _, ins, height, width = weights.shape
        self._padded = np.empty((ins, rows + height - 1, columns + width - 1))
        self._silent = not weights.any()

    def add(self, values: Array, out: Array) -> None:
        """Add to `out` (channels, rows, columns) what the values (in, rows, columns) give."""
        if self._silent:
            return
        _pad(values, self._kind, self._beyond, self._padded)
        _correlate(self._padded, self._weights, out)
