"""One sample's arrays, and the compiled functions applied to them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..problem import Problem
from . import status
from .cell_blocks import cell_blocks
from .cell_calls import call_block
from .engine_code import engine_function
from .layout import Edge, Layout, Method, Saves, Settle, Step, Taps
from .plan import Plan, plan
from .rows import FIXED, MOST_TERMS, PERIODIC, ZERO_FLUX

KINDS = {"zero-flux": ZERO_FLUX, "periodic": PERIODIC, "fixed": FIXED}
Array = NDArray[Any]


@njit(cache=True)
def over_block(address, work, drive, out, cells, parameters, count):  # type: ignore[no-untyped-def]
    """A function of the cell over a workspace that starts with its states."""
    call_block(address, work, 0, drive, out, cells, parameters, count)


class ArrayCode:
    """What all samples of a problem share: compiled code, parameters, the coupling's taps, the plan."""

    def __init__(self, problem: Problem, single: bool, threads: int) -> None:
        array, cell = problem.array, problem.array.cell
        self.problem = problem
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self.cell = cell_blocks(cell, single)
        template = array.template.A
        reach = _reach(template)
        self.confined = np.array([name == "x" for name in cell.states])
        self.plan: Plan = plan(array, reach, self.confined, threads, self.dtype.itemsize)
        self.sizes = self.plan.sizes
        self.taps = _taps(template, reach, self.sizes, self.dtype)
        kind = KINDS[array.boundary.kind]
        self.edge = Edge(kind, self.dtype.type(array.boundary.value * cell.V1))
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


class Sample:
    """One run: its present state, numbers and counts, and where its trajectory goes."""

    def __init__(
        self, code: ArrayCode, number: int, times: Array, states: Array, outputs: Array, stop: float, bound: float
    ) -> None:
        problem = code.problem
        self.code, self.number = code, number
        channels, kinds = problem.array.channels, len(problem.array.cell.states)
        self.shape = (channels, kinds, problem.array.rows, problem.array.columns)
        cells = int(np.prod(self.shape))
        self.states = np.zeros((2, cells), code.dtype)
        self.states[0] = np.swapaxes(problem.start[:, number], 0, 1).ravel()
        self.rates = np.zeros((2, cells), code.dtype)
        self.feed = problem.feed[number].astype(code.dtype).ravel()
        self.numbers = np.zeros(8)
        self.numbers[[status.LAST_ERROR, status.SHORTEST, status.STOP]] = 1e-4, np.inf, stop
        self.counts = np.zeros(9, np.int64)
        self.counts[status.NEXT_SAVE] = 1
        per_time = cells // kinds
        self.settle = Settle(bound, np.full(per_time, np.nan))
        self.saves = Saves(
            np.zeros(2, np.int64), np.zeros((len(times), MOST_TERMS), code.dtype), np.zeros(len(times), bool), times,
            states.reshape(-1), states[0].size, number * len(times) * per_time,
            outputs.reshape(-1), number * len(times) * per_time,
        )  # fmt: skip
        states[:, number, 0] = problem.start[:, number]
        outputs[number, 0] = code.outputs(self.state)

    @property
    def state(self) -> Array:
        """The present state (channels, states, rows, columns)."""
        return self.states[self.counts[status.CURRENT]].reshape(self.shape)

    def spec_order(self, index: int) -> int:
        """An index into (channels, states, rows, columns), the engine's order, as one into (states, channels, ...)."""
        channel, state, row, column = np.unravel_index(index, self.shape)
        channels, states, rows, columns = self.shape
        return int(np.ravel_multi_index((state, channel, row, column), (states, channels, rows, columns)))

    def rate(self, state: Array, rate: Array) -> None:
        """The rates of any state, both (channels, states, rows, columns): one step of length 1 from nothing."""
        code = self.code
        tiles, layout, length = code.planned(EVALUATE)
        states, none = np.zeros((2, state.size), code.dtype), np.zeros((2, 1), code.dtype)
        states[0] = state.ravel()
        numbers, counts, found = np.zeros(8), np.zeros(9, np.int64), np.zeros((1, 5), np.int64)
        numbers[[status.H, status.STOP, status.LAST_ERROR]] = 1.0
        counts[status.NEXT_SAVE] = len(self.saves.times)  # none
        sizes = code.sizes._replace(confined=np.zeros(self.shape[1], bool))
        arguments = (
            np.zeros((1, length), code.dtype), tiles, sizes, layout, EVALUATE, states, none, self.feed, code.cell,
            code.taps, code.edge, new_step(EVALUATE, code.dtype, 0.0, np.ones(self.shape[1])), self.saves,
            self.settle._replace(bound=0.0), found, numbers, counts, 1.0,
        )  # fmt: skip
        sync = np.zeros(16, np.int64)
        function = engine_function("advance_adaptive", code.dtype, lambda trial: trial(0, 1, sync, 0, *arguments))
        counts[status.STATUS] = status.RUNNING
        function(0, 1, sync, 1, *arguments)
        rate[...] = states[1].reshape(state.shape)

    def run(self, name: str, tries: int, *arguments: Any) -> None:
        """The engine's function on all threads, with their number, how many they are, and what they meet at."""
        threads, sync = self.code.threads, np.zeros(16, np.int64)
        function = engine_function(name, self.code.dtype, lambda trial: trial(0, 1, sync, 0, *arguments))
        self.counts[status.STATUS] = status.RUNNING
        others = [
            threading.Thread(target=function, args=(n, threads, sync, tries, *arguments), daemon=True)
            for n in range(1, threads)
        ]
        for thread in others:
            thread.start()
        function(0, threads, sync, tries, *arguments)
        for thread in others:
            thread.join()


def new_step(method: Method, dtype: np.dtype[Any], rtol: float, atol: Array) -> Step:
    """Room for a step's numbers."""
    solve = np.zeros((method.stages, MOST_TERMS), dtype)
    return Step(np.zeros((method.stages + 2, MOST_TERMS), dtype), solve, np.array([0.0, 0.0, rtol]), atol)


def _evaluate() -> Method:
    none, terms = np.zeros((3, MOST_TERMS), np.int64), np.zeros((3, MOST_TERMS))
    terms[1, 0] = 1.0
    return Method(
        1, False, False, np.array([-1, -1]), none, np.array([0, 1, 0]), terms, none[:1], np.zeros(1, np.int64),
        terms[:1], np.ones(3, bool), np.zeros(0, np.int64), 0, np.zeros((3, 1)), 1.0, 1,
    )  # fmt: skip


EVALUATE = _evaluate()
"""Not a method of integration: its step from nothing is the rate itself."""
