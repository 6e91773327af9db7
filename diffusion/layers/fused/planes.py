"""Sweeps shared among threads, and where the cells outside of a plane come from."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ....circuits.boundary import Boundary
from ....simulator.batched.crew import Crew

SMALL = 2**15
"""Cells below which handing out the work costs more than it saves."""
_handing_out = threading.Lock()


@cache
def _crew(threads: int, process: int) -> Crew:
    """Threads that stay; a forked process has none of them and makes its own."""
    return Crew(threads)


def sweep(function: Callable[..., None], planes: int, cells: int, *arguments: Any) -> None:
    """function(p0, p1, *arguments) over ranges that make up the planes, on as many threads as torch uses."""
    threads = torch.get_num_threads()
    # one crew serves one caller at a time; who comes meanwhile does his work alone
    if threads == 1 or planes * cells < SMALL or not _handing_out.acquire(blocking=False):
        function(0, planes, *arguments)
        return
    try:
        _crew(threads, os.getpid()).share(lambda part, first, last: function(first, last, *arguments), planes)
    finally:
        _handing_out.release()


class Outline:
    """How planes of rows x columns lie in their padded form: `geometry` (rows, columns, above, left), and of the cells
    outside their places there and the places of the cells they are copies of (-1: a fixed value)."""

    def __init__(self, boundary: Boundary, rows: int, columns: int, above: int, left: int) -> None:
        self.geometry = rows, columns, above, left
        self.shape = rows + 2 * above, columns + 2 * left
        self.outside, self.inside = _outside(boundary, *self.geometry)


@cache
def _outside(
    boundary: Boundary, rows: int, columns: int, above: int, left: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    cells = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    source = boundary.pad(cells, above, left)
    if boundary.kind == "fixed":
        source = np.pad(cells, ((above, above), (left, left)), constant_values=-1)
    mask = np.ones(source.shape, np.bool_)
    mask[above : above + rows, left : left + columns] = False
    outside = np.flatnonzero(mask)
    return outside, source.ravel()[outside]
