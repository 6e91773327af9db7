"""The coupling of few channels or of sparse templates: every weight that is not zero, row times number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...devices.codegen.fast_math import fma
from .rows import copy

Array = NDArray[np.floating]


def listed(weights: Array, dtype: np.dtype) -> tuple[NDArray[np.int64], Array]:
    """The weights (out, in, height, width) that are not zero: their places (n, 4) in that order, and values (n,)."""
    places = np.argwhere(weights)
    return places, weights[tuple(places.T)].astype(dtype)


def row_function() -> Any:
    """`drive_rows` (see `choose`)."""
    return drive_rows


@njit(error_model="numpy")
def _add(out, o, w, y, p, count):  # type: ignore[no-untyped-def]
    for j in range(count):
        out[o + j] = fma(w, y[p + j], out[o + j])


@njit(error_model="numpy")
def drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, place, geometry):  # type: ignore[no-untyped-def]
    """Rows of channels: the sum over taps in the order of the template."""
    places, values = weights
    _, columns, channels, _, _, left, _ = geometry
    wide = columns + 2 * left
    for m in range(first, last):
        y, out = padded[rooms[m]], drive[m - first]
        copy(feed[which[m]], i * channels * columns, out, place, channels * columns)
        for n in range(len(values)):
            start = ((i + places[n, 2]) * channels + places[n, 1]) * wide + places[n, 3]
            _add(out, np.uint64(place + places[n, 0] * columns), values[n], y, np.uint64(start), np.uint64(columns))
