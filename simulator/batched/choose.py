"""Which coupling for which template: measured, see docs/kernels.md.

All have `drive_rows(padded, weights, which, rooms, first, last, i, feed, drive, place, geometry)`: what drives the
cells of row i of the samples which[first : last], feed plus sum A y [V], into drive (samples, cells), from `place` on.
The padded outputs of sample which[m] are padded[rooms[m]].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from . import blocked, direct, varying
from .geometry import Geometry
from .tile import Tile

Array = NDArray[np.floating]
TILE, TURN = 50.0, 2.0
"""What a tile of pixels takes, and each of its turns with one vector of weights, in ns where it was measured."""
TAP, CELL = 3.5, 0.06
"""What a weight takes for a row, and for each of its cells."""


@dataclass(frozen=True)
class Coupling:
    """The file that couples, the form its `row_function` takes, the weights as it reads them, and where cells lie."""

    name: str
    form: tuple[int, ...]
    weights: tuple[Any, ...]
    geometry: Geometry
    streams: bool = False
    """Whether all samples are to pass a row together, because they share weights that come from memory."""


def choose(problem: Problem, dtype: np.dtype) -> Coupling:
    """The fastest coupling for this problem."""
    array = problem.array
    A, own = array.template.A, array.own
    channels, _, height, width = A.shape
    size = channels, array.rows, array.columns, height, width, array.boundary
    if own is not None and own.A is not None:
        weights = varying.by_rows(own.A, dtype)
        form = *varying.tile_of(channels), varying.lanes_of(dtype, array.columns)
        return Coupling("varying", form, weights, Geometry(*size, by_pixels=False), streams=len(own.A) == 1)
    tile = Tile.fitting(channels, array.columns, dtype.itemsize)
    # tiles take weights that are 0 like all others, rows pass them over
    tiles = -(-channels // tile.block) * -(-array.columns // tile.pixels)
    tiled = tiles * (TILE + TURN * tile.vectors * channels * height * width)
    if tiled < np.count_nonzero(A) * (TAP + CELL * array.columns):
        numbers = tile.pixels, tile.vectors, tile.lanes
        return Coupling("blocked", numbers, blocked.packed(A, tile, dtype), Geometry(*size, by_pixels=True))
    return Coupling("direct", (), direct.listed(A, dtype), Geometry(*size, by_pixels=False))
