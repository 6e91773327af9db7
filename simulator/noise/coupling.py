"""The coupling of an array: what cells receive from their neighbourhoods, by a template or by weights of their own.

Multiply-adds are fused, in the order of the weights, as in the compiled engine: at 0 K, runs are its runs bit for bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...circuits.boundary import Boundary
from ...devices.codegen.fast_math import fma


def neighbours(boundary: Boundary, rows: int, columns: int, height: int, width: int) -> NDArray[np.int64]:
    """The cell each place of a padded plane stands for, (padded rows, padded columns); -1 for the fixed value."""
    outside = Boundary("fixed", -1) if boundary.kind == "fixed" else boundary
    return outside.pad(np.arange(rows * columns).reshape(rows, columns), height // 2, width // 2)


@njit(cache=True, nogil=True)
def pad(y, places, beyond, padded):  # type: ignore[no-untyped-def]
    """The planes y (channels, rows, columns) with the cells around them, or the fixed value `beyond` [V]."""
    flat = places.reshape(-1)
    for k in range(y.shape[0]):
        inside, around = y[k].reshape(-1), padded[k].reshape(-1)
        for n in range(flat.size):
            around[n] = inside[flat[n]] if flat[n] >= 0 else beyond


@njit(cache=True, nogil=True)
def correlate(padded, weights, out):  # type: ignore[no-untyped-def]
    """Add to `out` (channels, rows, columns) the correlation with the weights (out, in, height, width)."""
    outs, ins, height, width = weights.shape
    for o in range(outs):
        for i in range(out.shape[1]):
            row = out[o, i]
            for n in range(ins):
                for k in range(height):
                    for m in range(width):
                        w, y = weights[o, n, k, m], padded[n, i + k, m:]
                        if w != 0.0:
                            for j in range(row.size):
                                row[j] = fma(w, y[j], row[j])


@njit(cache=True, nogil=True)
def correlate_own(padded, weights, out):  # type: ignore[no-untyped-def]
    """The same with weights at each cell, (out, in, height, width, rows, columns)."""
    outs, ins, height, width, rows, _ = weights.shape
    for o in range(outs):
        for i in range(rows):
            row = out[o, i]
            for n in range(ins):
                for k in range(height):
                    for m in range(width):
                        w, y = weights[o, n, k, m, i], padded[n, i + k, m:]
                        for j in range(row.size):
                            row[j] = fma(w[j], y[j], row[j])
