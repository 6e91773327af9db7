"""Which cells of a layer are checked: a few in the middle, of as many channels as ngspice takes in seconds."""

from __future__ import annotations

import numpy as np

from ....circuits.array import CellArray
from ....netlists.templates import taps
from ....netlists.window import Window
from .layer import LayerRun

SIZE = 3
"""Rows and columns."""
ELEMENTS = 16_000
"""Weights of all cells of a window."""


def middle(layer: LayerRun, size: int = SIZE, elements: int = ELEMENTS) -> Window:
    """The middle rows and columns, at most size x size, and of these the channels whose states move most, so that the
    window has at most so many weights; of one channel in any case, then with fewer rows and columns."""
    array = layer.array
    weights = weights_of_a_cell(array)
    while size > 1 and min(weights) * size**2 > elements:
        size -= 1
    rows, columns = _middle(array.rows, size), _middle(array.columns, size)
    cells = (rows[1] - rows[0]) * (columns[1] - columns[0])
    moved = np.ptp(layer.states[0][..., slice(*rows), slice(*columns)], axis=0).sum(axis=(-1, -2))
    chosen: list[int] = []
    for channel in np.argsort(-moved, kind="stable").tolist():
        if not chosen or cells * (sum(weights[k] for k in chosen) + weights[channel]) <= elements:
            chosen.append(channel)
    return Window(rows, columns, tuple(sorted(chosen)))


def weights_of_a_cell(array: CellArray) -> list[int]:
    """How many weights a cell of each channel has."""
    return [sum(1 for _ in taps(array, channel)) for channel in range(array.channels)]


def _middle(length: int, size: int) -> tuple[int, int]:
    size = min(size, length)
    return (length - size) // 2, (length - size) // 2 + size
