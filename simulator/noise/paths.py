"""The noisy paths of some samples of a batch, step by step: what one thread does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...circuits.noise import BOLTZMANN
from ...devices.errors import SimulationError
from ...devices.parameter import flat_parameters
from ..coupling import KINDS, Array
from ..problem import Problem
from .cell_code import noisy_cell_module
from .normals import NormalStream

BLOCK = 2**16
"""Normal numbers made at a time: half a megabyte, which stays in the cache until the steps take them."""
TWELVE_SIGMA = 12.0
"""No thermal fluctuation of any run is larger: the chance of one number is 4e-33."""


class Paths:
    """Samples that are taken from one saved time to the next, one after the other, with the arrays their steps need.

    `states` (states, all samples, times, channels, rows, columns) and `outputs` (all samples, times, ...) are written
    to at these samples; normal numbers are those of the sample `first_sample` further on. Step h [s], temperature [K].
    """

    def __init__(
        self,
        problem: Problem,
        samples: Sequence[int],
        first_sample: int,
        stream: NormalStream,
        temperature: float,
        h: float,
        states: Array,
        outputs: Array,
    ) -> None:
        array, cell = problem.array, problem.array.cell
        self._problem, self._samples, self._first_sample, self._stream = problem, samples, first_sample, stream
        self._h, self._states, self._outputs = h, states, outputs
        self._module = noisy_cell_module(cell)
        channels, rows, columns = array.shape
        cells, count = channels * rows * columns, len(cell.states)
        self._normals = np.empty((max(BLOCK // cells, 1), cells))
        self._present = np.empty((count, cells))
        weights = np.ascontiguousarray(array.template.A)
        self._coupling = weights, KINDS[array.boundary.kind], array.boundary.value * cell.V1
        kT = BOLTZMANN * temperature
        self._p = np.array(list(flat_parameters(cell).values()))
        self._numbers = self._p, kT, h, problem.voltage_limit + TWELVE_SIGMA * math.sqrt(kT / cell.C)
        height, width = weights.shape[2:]
        y, drive = np.empty((2, *array.shape))
        padded = np.empty((channels, rows + height - 1, columns + width - 1))
        self._work: tuple[Any, ...] = (y, padded, drive, *np.empty((3, count, cells)), *np.empty((2, cells)))
        for n in samples:
            self._present[:] = problem.start[:, n].reshape(count, -1)
            self._save(n, 0)

    def advance_to(self, saved: int, steps: int) -> None:
        """Take every sample from the saved time before to this one, in so many steps. Raises SimulationError."""
        first = (saved - 1) * steps
        for n in self._samples:
            self._present[:] = self._states[:, n, saved - 1].reshape(self._present.shape)
            for begin in range(0, steps, len(self._normals)):
                z = self._normals[: min(len(self._normals), steps - begin)]
                self._stream.fill(z, self._first_sample + int(n), first + begin)
                feed = self._problem.feed[n]
                step, where = self._module.advance(self._present, z, feed, *self._coupling, *self._numbers, *self._work)
                if where >= 0:
                    self._fail(int(n), first + begin + step + 1, where)
            self._save(n, saved)

    def _save(self, n: int, saved: int) -> None:
        self._states[:, n, saved] = self._present.reshape(len(self._present), *self._problem.array.shape)
        self._module.outputs(self._present, self._p, self._outputs[n, saved].reshape(-1))

    def _fail(self, n: int, step: int, where: int) -> None:
        value = self._present.reshape(-1)[where]
        what = f"the state ran away: {value:.3g} V" if math.isfinite(value) else "the state is not finite"
        sample = f" of sample {self._first_sample + n}" if self._problem.samples > 1 else ""
        raise SimulationError(
            f"{what} at t = {step * self._h:.6g} s in {self._problem.cell_at(where)}{sample}: "
            f"try a shorter run.step than {self._h:.3g} s"
        )
