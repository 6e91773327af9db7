"""The noisy paths of some samples of a batch, step by step: what one thread does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...circuits.noise import BOLTZMANN
from ...circuits.own_values import OwnValues
from ...devices.errors import SimulationError
from ...devices.parameter import flat_parameters
from ..problem import Problem
from .cell_code import noisy_cell_module
from .coupling import neighbours
from .normals import NormalStream

Array = NDArray[np.float64]
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
        array, cell, own = problem.array, problem.array.cell, problem.array.own or OwnValues()
        self._problem, self._samples, self._first_sample, self._stream = problem, samples, first_sample, stream
        self._h, self._states, self._outputs = h, states, outputs
        self._module = noisy_cell_module(cell, tuple(own.parameters), own.A is not None)
        channels, rows, columns = array.shape
        cells, count = channels * rows * columns, len(cell.states)
        self._normals = np.empty((max(BLOCK // cells, 1), cells))
        self._present = np.empty((count, cells))
        # read-only whoever made them: else the loops would be compiled for either kind
        self._weights = np.ascontiguousarray(array.template.A[np.newaxis] if own.A is None else own.A).view()
        self._weights.flags.writeable = False
        self._p = np.array(list(flat_parameters(cell).values()))
        self._q = _own_parameters(own, cells)
        kT = BOLTZMANN * temperature
        sigma = math.sqrt(kT / float(np.min(own.parameters.get("C", cell.C))))
        self._numbers = kT, h, problem.voltage_limit + TWELVE_SIGMA * sigma
        places = neighbours(array.boundary, rows, columns, *self._weights.shape[3:5])
        self._edge = places, array.boundary.value * cell.V1
        y, drive, padded = *np.empty((2, *array.shape)), np.empty((channels, *places.shape))
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
                coupling = self._problem.feed[n], self._weights[n % len(self._weights)], *self._edge
                parameters = self._p, self._q[n % len(self._q)]
                step, where = self._module.advance(
                    self._present, z, *coupling, *parameters, *self._numbers, *self._work
                )
                if where >= 0:
                    self._fail(int(n), first + begin + step + 1, where)
            self._save(n, saved)

    def _save(self, n: int, saved: int) -> None:
        self._states[:, n, saved] = self._present.reshape(len(self._present), *self._problem.array.shape)
        y = self._outputs[n, saved].reshape(-1)
        self._module.outputs(self._present, self._p, self._q[n % len(self._q)], y)

    def _fail(self, n: int, step: int, where: int) -> None:
        value = self._present.reshape(-1)[where]
        what = f"the state ran away: {value:.3g} V" if math.isfinite(value) else "the state is not finite"
        sample = f" of sample {self._first_sample + n}" if self._problem.samples > 1 else ""
        raise SimulationError(
            f"{what} at t = {step * self._h:.6g} s in {self._problem.cell_at(where)}{sample}: "
            f"try a shorter run.step than {self._h:.3g} s"
        )


def _own_parameters(own: OwnValues, cells: int) -> Array:
    """(chips, parameters, cells) of what cells have of their own."""
    values = [planes.reshape(len(planes), cells) for planes in own.parameters.values()]
    chips = max(map(len, values), default=1)
    out = np.empty((chips, len(values), cells))
    for k, planes in enumerate(values):
        out[:, k] = planes
    return out
