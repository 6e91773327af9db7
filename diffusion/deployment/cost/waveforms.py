"""The waveforms of an array's run, at more times than the pictures need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....circuits.array import CellArray
from ....circuits.hardware.own_cell import own_cell
from ....circuits.own_values import OwnValues
from ....circuits.spec.models import RunSpec
from ....simulator.engines import Precision, integrate
from ....simulator.problem import Problem
from .coupling import coupled

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Waveforms:
    """One run of an array that has no input of its own: what drives it beside its feedback is its bias.

    times [s] (n,); states (states, n, channels, rows, columns): v [V], x [1]; outputs [V] (n, channels, rows, columns).
    """

    array: CellArray
    times: NDArray[np.float64]
    states: Array
    outputs: Array

    @cached_property
    def drive(self) -> Array:
        """D = sum A y + z V1 [V], shaped as the outputs."""
        own, cell = self.array.own or OwnValues(), self.array.cell
        z = self.array.template.z[:, None, None] if own.z is None else own.z[0]
        A = self.array.template.A if own.A is None else own.A
        fed = coupled(self.outputs / cell.V1, A, self.array.boundary)
        return cell.V1 * (fed + z.astype(fed.dtype))

    @cached_property
    def slopes(self) -> Array:
        """dv/dt in units of V1/RC of the design, shaped as the outputs."""
        cell = self.array.cell
        dv = own_cell(self.array).rates(self.drive, *self.states)[0]
        return np.asarray(dv) * (cell.R * cell.C / cell.V1)


def run_of(array: CellArray, sample: int, stop: float, points: int, precision: Precision = "single") -> Waveforms:
    """The run from v = 0 to `stop` [s] of the sample of this number, of which the array's bias holds one each, saved at
    `points` equally spaced times, with a step of RK4 between neighbours. Without thermal noise: kT is some ten
    orders below what a cell dissipates."""
    own = array.own or OwnValues()
    if own.z is not None and len(own.z) > 1:
        array = replace(array, own=replace(own, z=own.z[sample : sample + 1]))
    u = np.zeros((1, array.input_channels, array.rows, array.columns))
    run = RunSpec.model_validate({"stop": stop, "method": "rk4", "step": stop / (points - 1), "save": points})
    found = integrate(Problem(array, u), run, precision=precision, threads=1)
    return Waveforms(array, found.times, found.states[:, 0], found.outputs[0])
