"""The rates of any state: one step of length 1 from nothing, by a method that is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import status
from .engine_code import engine_function
from .layout import Method
from .rows import MOST_TERMS
from .workspace import Sample, new_step

Array = NDArray[Any]


class Evaluation:
    """The rates of a sample's array; what is put together for the first state serves the next ones."""

    def __init__(self, sample: Sample) -> None:
        code, cells, kinds = sample.code, sample.states.shape[1], sample.shape[1]
        tiles, layout, length = code.planned(EVALUATE)
        sizes = code.sizes._replace(confined=np.zeros(kinds, bool))
        step = new_step(EVALUATE, code.dtype, 0.0, np.ones(kinds))
        settle = sample.settle._replace(bound=0.0)
        self._states, none = np.zeros((2, cells), code.dtype), np.zeros((2, 1), code.dtype)
        self._numbers, self._counts = np.zeros(9), np.zeros(9, np.int64)
        self._no_save = len(sample.saves.times)
        self._sync = np.zeros(16, np.int64)
        self._arguments = (
            np.zeros((1, length), code.dtype), tiles, sizes, layout, EVALUATE, self._states, none, sample.feed,
            code.cell, code.taps, code.edge, step, sample.saves, settle, np.zeros((1, 6), np.int64), self._numbers,
            self._counts, 1.0,
        )  # fmt: skip
        self._function = engine_function("advance_adaptive", code.dtype, lambda trial: self._call(trial, 0))

    def __call__(self, state: Array, rate: Array) -> None:
        """The rates of a state, both (channels, states, rows, columns)."""
        self._numbers[:] = self._counts[:] = 0
        self._numbers[status.H] = self._numbers[status.STOP] = self._numbers[status.LAST_ERROR] = 1.0
        self._counts[status.NEXT_SAVE] = self._no_save
        self._counts[status.STATUS] = status.RUNNING
        self._states[0] = state.ravel()
        self._call(self._function, 1)
        rate[...] = self._states[1].reshape(state.shape)

    def _call(self, function: Any, tries: int) -> None:
        function(0, 1, self._sync, tries, *self._arguments)


def _evaluate() -> Method:
    none, terms = np.zeros((3, MOST_TERMS), np.int64), np.zeros((3, MOST_TERMS))
    terms[1, 0] = 1.0
    return Method(
        1, False, False, np.array([-1, -1]), none, np.array([0, 1, 0]), terms, none[:1], np.zeros(1, np.int64),
        terms[:1], np.ones(3, bool), np.zeros(0, np.int64), 0, np.zeros((3, 1)), 1.0, 1,
    )  # fmt: skip


EVALUATE = _evaluate()
"""Not a method of integration: its step from nothing is the rate itself."""
