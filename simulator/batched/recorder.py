"""Collects what a run leaves as the steps of its samples pass the saved times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from .protocol import BatchStepper


class Recorder:
    """States and outputs at the saved times, and since when each cell has been still.

    times [s] (n,); bound: |dv/dt| [V/s] below which a cell counts as still, None if the run has no such end.
    """

    def __init__(self, problem: Problem, stepper: BatchStepper, times: NDArray[np.float64], bound: float | None):
        self.times, self._stepper, self._bound = times, stepper, bound
        first, output = stepper.present(0)
        samples, saved = problem.samples, len(times)
        self.states = np.empty((len(first), samples, saved, *output.shape), first.dtype)
        self.outputs = np.empty((samples, saved, *output.shape), output.dtype)
        self._next = [0] * samples
        self.settling = np.full((samples, *output.shape), np.nan) if bound is not None else None
        for sample in range(samples):
            self._note(sample, *stepper.present(sample))
            if bound is not None:
                self._still(sample, 0.0)

    def passed(self, sample: int, t: float, h: float, end: float) -> None:
        """Note the states in (t, end], end = t + h; the step is attempted, not yet accepted."""
        while self._next[sample] < len(self.times) and self.times[self._next[sample]] <= end:
            theta = (self.times[self._next[sample]] - t) / h
            self._note(sample, *self._stepper.between(min(theta, 1.0), h, sample))

    def settled(self, sample: int, t: float) -> bool:
        """Whether all cells are still after the step that was accepted, which ended at t. If so, the remaining
        times are filled with the state that is held from here on."""
        if self._bound is None or not self._still(sample, t):
            return False
        state, output = self._stepper.present(sample)
        self.states[:, sample, self._next[sample] :] = state[:, np.newaxis]
        self.outputs[sample, self._next[sample] :] = output
        self._next[sample] = len(self.times)
        return True

    def _still(self, sample: int, t: float) -> bool:
        assert self.settling is not None and self._bound is not None
        still, since = self._stepper.speeds(sample) < self._bound, self.settling[sample]
        since[~still] = np.nan
        since[still & np.isnan(since)] = t
        return bool(still.all())

    def _note(self, sample: int, state: NDArray[np.floating], output: NDArray[np.floating]) -> None:
        self.states[:, sample, self._next[sample]] = state
        self.outputs[sample, self._next[sample]] = output
        self._next[sample] += 1
