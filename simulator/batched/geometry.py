"""How the cells of a sample lie in memory: row by row, in a row either channel after channel or pixel after pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...circuits.boundary import Boundary
from .rows import FIXED, KINDS

BEYOND = 16
"""Numbers behind the last of a sample that vectors may read, but not use."""


@dataclass(frozen=True)
class Geometry:
    """Rows of (outer, columns, inner) cells: (channels, columns, 1), or (1, columns, channels) with `by_pixels`.

    A row is one piece of memory in both, so that cell equations run over rows without knowing which. Outputs are kept
    with the cells beyond the edge around them: padded rows of (outer, columns + 2 left, inner).
    """

    channels: int
    rows: int
    columns: int
    height: int
    """Of the kernel, as `width`: odd."""
    width: int
    boundary: Boundary
    by_pixels: bool

    @property
    def cells(self) -> int:
        """Cells of one sample."""
        return self.channels * self.rows * self.columns

    @property
    def padded_cells(self) -> int:
        """Cells of one sample with those beyond the edge."""
        return self.channels * (self.rows + self.height - 1) * (self.columns + self.width - 1)

    @property
    def numbers(self) -> tuple[int, int, int, int, int, int, int]:
        """(rows, columns, outer, inner, rows above, columns left, kind of boundary): what compiled code takes."""
        outer, inner = (1, self.channels) if self.by_pixels else (self.channels, 1)
        kind = KINDS[self.boundary.kind]
        return self.rows, self.columns, outer, inner, self.height // 2, self.width // 2, kind

    def inside(self, planes: NDArray[np.floating], dtype: np.dtype) -> NDArray[np.floating]:
        """(..., channels, rows, columns) as (..., cells)."""
        order = (-2, -1, -3) if self.by_pixels else (-2, -3, -1)
        axes = (*range(planes.ndim - 3), *(planes.ndim + k for k in order))
        return np.ascontiguousarray(planes.transpose(axes).reshape(*planes.shape[:-3], self.cells), dtype)

    def outside(self, cells: NDArray[np.floating]) -> NDArray[np.floating]:
        """(..., cells) as (..., channels, rows, columns), a copy."""
        shape = (self.columns, self.channels) if self.by_pixels else (self.channels, self.columns)
        rows = cells.reshape(*cells.shape[:-1], self.rows, *shape)
        return np.ascontiguousarray(np.moveaxis(rows, -1 if self.by_pixels else -2, -3))

    def plane_index(self, cell: int) -> int:
        """The flat index into (channels, rows, columns) of a cell's place in memory."""
        shape = (self.columns, self.channels) if self.by_pixels else (self.channels, self.columns)
        row, *rest = np.unravel_index(cell, (self.rows, *shape))
        column, channel = rest if self.by_pixels else rest[::-1]
        return int((channel * self.rows + row) * self.columns + column)

    def padded(self, count: int, samples: int, beyond: float, dtype: np.dtype) -> NDArray[np.floating]:
        """Room for the outputs of all samples, `count` times; a fixed boundary's value [V] stands in it for good."""
        room = np.empty((count, samples, self.padded_cells + BEYOND), dtype)
        room[...] = beyond if KINDS[self.boundary.kind] == FIXED else 0.0
        return room
