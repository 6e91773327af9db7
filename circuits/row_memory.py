"""Weights of each cell as they are drawn, kept and read: row of cells after row of cells, so that one row of an array
needs one piece of memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SLACK = 16
"""Numbers behind the last that vectors may read, but not use."""


def empty_rows(design: tuple[int, ...], rows: int, columns: int, kind: type[np.floating] | np.dtype) -> Array:
    """Room for weights (rows, *design, columns)."""
    shape = rows, *design, columns
    count = int(np.prod(shape))
    memory = np.empty(count + SLACK, kind)
    memory[count:] = 0.0
    return memory[:count].reshape(shape)


def as_planes(weights: Array) -> Array:
    """Weights (rows, *design, columns) seen as those of an array, (1, *design, rows, columns), read only; no copy."""
    planes = np.moveaxis(weights, 0, -2)[np.newaxis]
    planes.flags.writeable = False
    return planes


def memory_of(planes: Array, kind: np.dtype) -> Array:
    """Weights (chips, *design, rows, columns) as flat memory (chips, rows, *design, columns) with `SLACK` behind: where
    they lie so, that memory itself; else a copy."""
    ordered = np.moveaxis(planes, -2, 1)
    owner = ordered
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if (
        ordered.flags.c_contiguous
        and owner.ndim == 1
        and owner.dtype == ordered.dtype == kind
        and owner.ctypes.data == ordered.ctypes.data
        and owner.size >= ordered.size + SLACK
    ):
        return owner
    memory = np.zeros(ordered.size + SLACK, kind)
    memory[: ordered.size].reshape(ordered.shape)[...] = ordered
    return memory
