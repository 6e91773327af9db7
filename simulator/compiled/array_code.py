"""What all runs of an array share: compiled code, parameters, the coupling's taps, the plan."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...circuits.array import CellArray
from ...circuits.boundary import Boundary
from ...circuits.cells import CellCircuit
from ..cell_code import is_own
from .cell_blocks import cell_blocks
from .cell_calls import call_block
from .layout import Edge, Layout, Method, Taps
from .plan import Plan, plan
from .rows import FIXED, PERIODIC, ZERO_FLUX

KINDS = {"zero-flux": ZERO_FLUX, "periodic": PERIODIC, "fixed": FIXED}
REMEMBERED = 16
Array = NDArray[Any]


@njit(cache=True)
def over_block(address, work, drive, out, cells, parameters, count):  # type: ignore[no-untyped-def]
    """A function of the cell over a workspace that starts with its states."""
    call_block(address, work, 0, drive, out, cells, parameters, count)


def array_code(array: CellArray, single: bool, threads: int) -> ArrayCode:
    """The code of an array, remembered from its last runs: it takes as long as a run of a small array.

    Remembered by what it is made from, not by the array: no change of a template's numbers goes unseen. A user's own
    cell or memristor may do something else the next time, and is asked anew.
    """
    A = np.asarray(array.template.A, np.float64)
    make = _remembered if is_own(array.cell) else ArrayCode
    return make(array.cell, A.tobytes(), A.shape, array.boundary, array.rows, array.columns, single, threads)


class ArrayCode:
    """Compiled code, parameters, taps and plan; nothing in it changes during a run."""

    def __init__(
        self,
        cell: CellCircuit,
        feedback: bytes,
        kernels: tuple[int, ...],
        boundary: Boundary,
        rows: int,
        columns: int,
        single: bool,
        threads: int,
    ) -> None:
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.cell = cell_blocks(cell, single)
        template = np.frombuffer(feedback).reshape(kernels)
        reach = _reach(template)
        self.confined = np.array([name == "x" for name in cell.states])
        self.plan: Plan = plan(
            (kernels[0], rows, columns), len(cell.states), reach, self.confined, threads, self.dtype.itemsize
        )
        self.sizes = self.plan.sizes
        self.taps = _taps(template, reach, self.sizes, self.dtype)
        kind = KINDS[boundary.kind]
        self.edge = Edge(kind, self.dtype.type(boundary.value * cell.V1))
        self.periodic = kind == PERIODIC
        self.threads = min(threads, self.plan.threads)
        self._planned: dict[int, Any] = {}

    def planned(self, method: Method) -> tuple[Array, Layout, int]:
        """Tiles, layout and the workspace's length for a method, worked out once."""
        if id(method) not in self._planned:  # methods live as long as the process
            self._planned[id(method)] = self.plan.of(method, self.periodic)
        found: tuple[Array, Layout, int] = self._planned[id(method)]
        return found

    def outputs(self, state: Array) -> Array:
        """The outputs [V] (channels, rows, columns) of a state (channels, states, rows, columns)."""
        channels, states = state.shape[:2]
        cells = state[0, 0].size
        out = np.empty((channels, *state.shape[2:]), self.dtype)
        work = np.empty((states + 1) * cells, self.dtype)
        for c in range(channels):
            work[: states * cells] = state[c].ravel()
            over_block(self.cell.outputs, work, 0, states * cells, cells, self.cell.parameters, cells)
            out[c] = work[states * cells :].reshape(out.shape[1:])
        return out

    def jacobians(self, state: Array) -> Array:
        """The derivatives of each cell's rates by its own states, (cells, states, states)."""
        channels, states = state.shape[:2]
        cells = state[0, 0].size
        out = np.empty((channels, states * states, cells))
        work = np.zeros((states + 1 + states * states) * cells, self.dtype)
        for c in range(channels):
            work[: states * cells] = state[c].ravel()
            place = (states + 1) * cells
            over_block(self.cell.jacobian, work, states * cells, place, cells, self.cell.parameters, cells)
            out[c] = work[place:].reshape(states * states, cells)
        return np.moveaxis(out, 1, 2).reshape(-1, states, states)


_remembered = lru_cache(REMEMBERED)(ArrayCode)


def _reach(template: Array) -> tuple[int, int]:
    """How many rows and columns away the farthest weight is that is not zero."""
    _, _, rows, columns = np.nonzero(template)
    middle = template.shape[2] // 2, template.shape[3] // 2
    far_rows, far_columns = (np.abs(places - at) for places, at in zip((rows, columns), middle, strict=True))
    return int(far_rows.max(initial=0)), int(far_columns.max(initial=0))


def _taps(template: Array, reach: tuple[int, int], sizes: Any, dtype: np.dtype[Any]) -> Taps:
    first, shifts, weights = [0], [], []
    _, _, height, width = template.shape
    for kernel in template:
        for into, k, m in np.argwhere(kernel):
            rows, columns = reach[0] + k - height // 2, reach[1] + m - width // 2
            shifts.append(into * sizes.ys + rows * sizes.wp + columns)
            weights.append(kernel[into, k, m])
        first.append(len(shifts))
    # never empty: compiled code is made for arrays, not for the lack of one
    return Taps(np.array(first), np.array(shifts or [0], np.uint64), np.array(weights or [0.0], dtype))
