"""The coupling where every cell has weights of its own (mismatch): far more weights than outputs to go with them.

So what counts is how often a weight comes from memory: once for all samples. Rows are the outer loop, then blocks of
output channels and vectors of columns, then the samples, which find the weights in the cache, then the taps.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...circuits.row_memory import memory_of
from ...devices.codegen.naming import named_after
from .tile import vector_registers
from .varying_tile import correlate_columns

Array = NDArray[np.floating]


def lanes_of(dtype: np.dtype, columns: int) -> int:
    """Columns of a vector."""
    lanes = vector_registers()[0] // dtype.itemsize
    while lanes > 1 and lanes // 2 >= columns:
        lanes //= 2
    return lanes


def tile_of(channels: int) -> tuple[int, int]:
    """Output channels and samples at a time: as many sums as registers hold beside the weights."""
    outputs, samples = (4, 6) if vector_registers()[1] >= 32 else (2, 6)
    return (outputs if channels >= outputs else 1), samples


def by_rows(weights: Array, dtype: np.dtype) -> tuple[Array, int]:
    """Weights (chips, out, in, height, width, rows, columns) in the order they are read, flat: (chips, rows, out, in,
    height, width, columns), with some numbers behind; and the number of chips. No copy where they lie so."""
    return memory_of(weights, dtype), len(weights)


@cache
def row_function(outputs: int, samples: int, lanes: int) -> Any:
    """`drive_rows` (see `choose`) by tiles of this form, with y as many channels as the array has."""
    sums_of_row = sums_function(outputs, samples, lanes)

    @njit(error_model="numpy")
    @named_after(outputs, samples, lanes)
    def drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, place, geometry):  # type: ignore[no-untyped-def]
        own, chips = weights
        rows, columns, channels, _, above, left, _ = geometry
        wide, row = columns + 2 * left, channels * columns
        kernel = channels, channels, 2 * above + 1, 2 * left + 1, rows, columns
        sums_of_row(
            padded.reshape(-1), padded.shape[1], wide, channels * wide, i * channels * wide, which, rooms, first, last,
            own, chips, i * row * channels * kernel[2] * kernel[3], kernel, drive, place, columns,
        )  # fmt: skip
        for m in range(first, last):
            given, total, o, a = feed[which[m]], drive[m - first], np.uint64(place), np.uint64(i * row)
            for j in range(np.uint64(row)):
                total[o + j] += given[a + j]

    return drive_rows


@cache
def sums_function(outputs: int, samples: int, lanes: int) -> Any:
    """`f(y, room, plane, line, start, which, rooms, first, last, w, chips, begin, kernel, out, place, apart)`:

    sums of w y for the cells of a row, out[m - first, place + o apart + j], for the samples which[first : last] whose y
    starts at rooms[m] room + start, with `plane` and `line` between its channels and rows; kernel is (out, in, height,
    width, rows, columns), w has the weights (out, in, height, width, columns) of this row from `begin` on and those of
    the next chip after as many as an array has.
    """
    tile, column, one = (correlate_columns(o, t, lanes) for o, t in ((outputs, samples), (outputs, 1), (1, 1)))

    @njit(error_model="numpy")
    @named_after(outputs, samples, lanes)
    def sums_of_row(y, room, plane, line, start, which, rooms, first, last, w, chips, begin, kernel, out, place, apart):  # type: ignore[no-untyped-def]
        channels, into, high, wide, rows, columns = kernel
        between = into * high * wide * columns
        sums = np.empty(outputs * samples * lanes, out.dtype)
        o = 0
        while o < channels:
            block = outputs if channels - o >= outputs else 1
            j = 0
            while j < columns:
                j = max(min(j, columns - lanes), 0)  # the last vector goes back over some columns
                here, weight, m = start + j, begin + o * between + j, first
                while m < last:
                    count = samples if block == outputs and chips == 1 and last - m >= samples else 1
                    own = weight + (which[m] * rows * channels * between if chips > 1 else 0)
                    if block != outputs:
                        one(y, room, rooms, m, here, w, own, between, columns, sums, into, high, wide, plane, line)
                    elif count == 1:
                        column(y, room, rooms, m, here, w, own, between, columns, sums, into, high, wide, plane, line)
                    else:
                        tile(y, room, rooms, m, here, w, own, between, columns, sums, into, high, wide, plane, line)
                    for b in range(block):
                        for t in range(count):
                            target, a = out[m - first + t], place + (o + b) * apart + j
                            for q in range(min(lanes, columns - j)):
                                target[a + q] = sums[(b * count + t) * lanes + q]
                    m += count
                j += lanes
            o += block

    return sums_of_row
