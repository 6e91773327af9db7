"""The coupling where every cell has weights of its own (mismatch): far more weights than outputs to go with them.

So what counts is how often a weight comes from memory: once for all samples. Rows are the outer loop, then the taps,
then the samples; a row of weights that has come in serves every sample before the next one is read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...devices.codegen.fast_math import fma
from .rows import copy

Array = NDArray[np.floating]


def by_rows(weights: Array, dtype: np.dtype) -> tuple[Array]:
    """Weights (chips, out, in, height, width, rows, columns) in the order they are read:
    (chips, rows, out, in, height, width, columns)."""
    return (np.ascontiguousarray(np.moveaxis(weights, 5, 1), dtype),)


def row_function() -> Any:
    """`drive_rows` (see `choose`)."""
    return drive_rows


@njit(error_model="numpy")
def _add(out, o, w, y, p, count):  # type: ignore[no-untyped-def]
    for j in range(count):
        out[o + j] = fma(w[j], y[p + j], out[o + j])


@njit(error_model="numpy")
def drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, geometry):  # type: ignore[no-untyped-def]
    """Rows of channels, all samples together where they share a chip."""
    (own,) = weights
    _, columns, channels, _, above, left, _ = geometry
    wide = columns + 2 * left
    shared = len(own) == 1
    for m in range(first, last):
        copy(feed[which[m]], i * channels * columns, drive[m - first], 0, channels * columns)
    for a in range(first, last if not shared else first + 1):
        chip = own[0 if shared else which[a], i]
        for out in range(channels):
            for into in range(channels):
                for k in range(2 * above + 1):
                    for n in range(2 * left + 1):
                        w = chip[out, into, k, n]
                        start = np.uint64(((i + k) * channels + into) * wide + n)
                        for m in range(a, last if shared else a + 1):
                            y, total = padded[rooms[m]], drive[m - first]
                            _add(total, np.uint64(out * columns), w, y, start, np.uint64(columns))
