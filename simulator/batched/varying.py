"""The coupling where every cell has weights of its own (mismatch): far more weights than outputs to go with them.

So what counts is how often a weight comes from memory: once for all samples. Rows are the outer loop, then output
channels and vectors of columns, then the samples, which find the weights in the cache, then the taps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...devices.codegen.naming import named_after
from .tile import vector_registers
from .varying_tile import correlate_columns

Array = NDArray[np.floating]
SAMPLES = 8
"""Samples at a time: as many sums as keep the multiply-adds busy."""


def lanes_of(dtype: np.dtype, columns: int) -> int:
    """Columns of a vector."""
    lanes = vector_registers()[0] // dtype.itemsize
    while lanes > 1 and lanes // 2 >= columns:
        lanes //= 2
    return lanes


def by_rows(weights: Array, dtype: np.dtype) -> tuple[Array, int]:
    """Weights (chips, out, in, height, width, rows, columns) in the order they are read, flat:
    (chips, rows, out, vectors, in, height, width, lanes), idle lanes 0; and the number of chips."""
    chips, out, into, height, width, rows, columns = weights.shape
    lanes = lanes_of(dtype, columns)
    vectors = -(-columns // lanes)
    full = np.zeros((chips, rows, out, vectors * lanes, into, height, width), dtype)
    full[:, :, :, :columns] = weights.transpose(0, 5, 1, 6, 2, 3, 4)
    split = full.reshape(chips, rows, out, vectors, lanes, into, height, width)
    return np.ascontiguousarray(np.moveaxis(split, 4, 7)).reshape(-1), chips


def row_function(lanes: int) -> Any:
    """`drive_rows` (see `choose`)."""
    many, one = correlate_columns(SAMPLES, lanes), correlate_columns(1, lanes)

    @njit(error_model="numpy")
    @named_after(lanes)
    def drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, place, geometry):  # type: ignore[no-untyped-def]
        own, chips = weights
        rows, columns, channels, _, above, left, _ = geometry
        height, width, wide = 2 * above + 1, 2 * left + 1, columns + 2 * left
        vectors = (columns + lanes - 1) // lanes
        taps = channels * height * width * lanes
        y, room, sums = padded.reshape(-1), padded.shape[1], np.empty(SAMPLES * lanes, drive.dtype)
        for out in range(channels):
            for v in range(vectors):
                start, begin = i * channels * wide + v * lanes, ((i * channels + out) * vectors + v) * taps
                m = first
                while m < last:
                    if chips == 1 and last - m >= SAMPLES:
                        count = SAMPLES
                        many(y, room, rooms, m, start, own, begin, sums, channels, height, width, channels * wide, wide)
                    else:
                        count = 1
                        chip = begin + (which[m] * rows * channels * vectors * taps if chips > 1 else 0)
                        one(y, room, rooms, m, start, own, chip, sums, channels, height, width, channels * wide, wide)
                    for t in range(count):
                        given, total = feed[which[m + t]], drive[m + t - first]
                        for j in range(min(lanes, columns - v * lanes)):
                            cell = out * columns + v * lanes + j
                            total[place + cell] = given[i * channels * columns + cell] + sums[t * lanes + j]
                    m += count

    return drive_rows
