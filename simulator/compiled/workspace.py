"""One sample's arrays, and the compiled functions applied to them."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from . import status
from .array_code import ArrayCode
from .engine_code import engine_function
from .layout import Method, Saves, Settle, Step
from .rows import MOST_TERMS
from .streaming import LONG

Array = NDArray[Any]


class Sample:
    """One run: its present state, numbers and counts, and where its trajectory goes."""

    def __init__(
        self,
        code: ArrayCode,
        problem: Problem,
        number: int,
        times: Array,
        states: Array,
        outputs: Array,
        stop: float,
        bound: float,
    ) -> None:
        self.code, self.problem, self.number = code, problem, number
        channels, kinds = problem.array.channels, len(problem.array.cell.states)
        self.shape = (channels, kinds, problem.array.rows, problem.array.columns)
        cells = math.prod(self.shape)
        self.states = np.zeros((2, cells), code.dtype)
        self.states[0] = np.swapaxes(problem.start[:, number], 0, 1).ravel()
        self.rates = np.zeros((2, cells), code.dtype)
        self.feed = problem.feed[number].astype(code.dtype).ravel()
        self.numbers = np.zeros(9)
        self.numbers[status.LAST_ERROR], self.numbers[status.SHORTEST], self.numbers[status.STOP] = 1e-4, np.inf, stop
        self.counts = np.zeros(9, np.int64)
        self.counts[status.NEXT_SAVE] = 1
        per_time = cells // kinds
        self.settle = Settle(bound, np.full(per_time, np.nan), np.array(problem.array.cell.settling()))
        self.saves = Saves(
            np.zeros(2, np.int64), np.zeros((len(times), MOST_TERMS), code.dtype), np.zeros(len(times), bool), times,
            states.reshape(-1), states[0].size, number * len(times) * per_time,
            outputs.reshape(-1), number * len(times) * per_time, states.nbytes + outputs.nbytes > LONG,
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
