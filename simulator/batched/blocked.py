"""The coupling of many channels: a blocked direct convolution, pixel after pixel in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...devices.codegen.naming import named_after
from .tile import Tile, correlate_tile

Array = NDArray[np.floating]


def packed(weights: Array, tile: Tile, dtype: np.dtype) -> tuple[Array]:
    """Weights (out, in, height, width) in the order the tile reads them, (blocks, height, width, in, block) flat; the
    last block is filled up with channels that get nothing."""
    out, into, height, width = weights.shape
    blocks = -(-out // tile.block)
    full = np.zeros((blocks * tile.block, into, height, width), dtype)
    full[:out] = weights
    order = full.reshape(blocks, tile.block, into, height, width).transpose(0, 3, 4, 2, 1)
    return (np.ascontiguousarray(order).reshape(-1),)


def row_function(pixels: int, vectors: int, lanes: int) -> Any:
    """`drive_rows` (see `choose`) by tiles of this form."""
    tile = Tile(pixels, vectors, lanes)
    correlate, block = correlate_tile(tile), tile.block

    @njit(error_model="numpy")
    @named_after(pixels, vectors, lanes)
    def drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, place, geometry):  # type: ignore[no-untyped-def]
        (packed_weights,) = weights
        _, columns, _, channels, above, left, _ = geometry
        height, width = 2 * above + 1, 2 * left + 1
        line = (columns + 2 * left) * channels
        blocks = (channels + block - 1) // block
        sums = np.empty(columns * blocks * block, drive.dtype)
        for m in range(first, last):
            y, given = padded[rooms[m]], feed[which[m]]
            for b in range(blocks):
                block_start = b * height * width * channels * block
                j = 0
                while j < columns:
                    # the last tile of a row goes back over some pixels rather than beyond the end
                    j = min(j, columns - pixels)
                    correlate(
                        y, i * line + j * channels, packed_weights, block_start, sums, (j * blocks + b) * block,
                        height, width, channels, line, blocks * block,
                    )  # fmt: skip
                    j += pixels
            row, o, out = np.uint64(i * columns * channels), np.uint64(place), drive[m - first]
            if blocks * block == channels:
                for e in range(np.uint64(columns * channels)):
                    out[o + e] = given[row + e] + sums[e]
            else:
                for pixel in range(np.uint64(columns)):
                    a, z = pixel * np.uint64(channels), pixel * np.uint64(blocks * block)
                    for c in range(np.uint64(channels)):
                        out[o + a + c] = given[row + a + c] + sums[z + c]

    return drive_rows
