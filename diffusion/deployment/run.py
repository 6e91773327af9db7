"""A run of an array: a few equal steps of the grid simulator, and what comes in between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...circuits.array import CellArray
from ...circuits.cells import SecondOrder
from ...circuits.hardware.own_cell import own_cell
from ...circuits.hardware.step_noise import step_variance, swing_covariance
from ...circuits.own_values import OwnValues
from ...circuits.spec.models import RunSpec
from ...circuits.template import Template
from ...devices.errors import SimulationError
from ...devices.variability.streams import stream
from ...simulator.engines import Precision, integrate
from ...simulator.problem import Problem
from ..layers.switching import FAR, FINER, MOVED
from .delay import Delay

Array = NDArray[Any]
Ends = tuple[Array, Array]
"""Outputs (n, channels, rows, columns) in units of V1, and states (states, n, channels, rows, columns)."""


@dataclass(frozen=True)
class Integration:
    """How the simulator integrates a run: equal steps, each of which also gets its share of thermal noise."""

    method: str = "rk4"
    steps: int = 2
    precision: Precision = "single"
    threads: int | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """An array's run from v = 0 to `stop` [s] at a `temperature` [K], 0 for none of its noise; `seed` and `purpose` are
    those of the noise's streams."""

    made: CellArray
    stop: float
    how: Integration
    temperature: float
    seed: int
    purpose: tuple[str | int, ...]

    def ended(self, feed: Array, x0: float | Array | None) -> Ends:
        """Where it ends under what drives the cells beside their feedback (n, channels, rows, columns) [V1], memristors
        starting at x0 (None: there are none).

        Samples whose memristors switch take finer steps, as in the network (`layers.switching`).
        """
        steps = self.how.steps
        if x0 is None:
            return self._marched(feed, steps)
        try:
            y, states = self._marched(feed, steps)
        except SimulationError:  # of some sample
            return self._marched(feed, steps * FINER)
        moved = (np.abs(states[1] - np.asarray(x0)) > MOVED) | ~(np.abs(states[0]) < FAR * self.made.cell.V1)
        again = np.flatnonzero(moved.reshape(len(feed), -1).any(axis=1))
        if len(again):
            y[again], states[:, again] = self._marched(feed[again], steps * FINER)
        return y, states

    def _marched(self, feed: Array, steps: int) -> Ends:
        """Step by step where something comes in between, thermal noise or amplifiers' delay; else at once."""
        how, array = self.how, silent(self.made, feed)
        u = np.zeros((len(feed), array.input_channels, array.rows, array.columns))
        step = self.stop / steps
        delay = Delay.of(array, step, np.float32 if how.precision == "single" else np.float64, how.threads or 1)
        stepwise = self.temperature > 0.0 or delay is not None
        parts = steps if stepwise else 1
        run = RunSpec.model_validate({"stop": self.stop / parts, "method": how.method, "step": step, "save": 2})
        states: Array | None = None
        for part in range(parts):
            found = integrate(Problem(array, u, states), run, precision=how.precision, threads=how.threads)
            states = np.asarray(found.states[:, :, -1], np.float64)
            if delay is not None:
                states[0] += delay.moved(found.outputs[:, 0], found.outputs[:, -1])
            if self.temperature > 0.0:
                self._kick(array, states, step, part, steps)
        assert states is not None
        y = own_cell(array).output(*states) if stepwise else np.asarray(found.outputs[:, -1], np.float64)
        return y / array.cell.V1, states

    def _kick(self, array: CellArray, states: Array, step: float, part: int, steps: int) -> None:
        """Add thermal noise [V] of a step; finer steps draw from streams of their own."""
        cell = own_cell(array)
        finer = () if steps == self.how.steps else (steps,)
        drawn = stream(self.seed, *self.purpose, part, *finer)
        first = drawn.standard_normal(states[0].shape, dtype=np.float32)
        if not isinstance(cell, SecondOrder):
            states[0] += np.sqrt(step_variance(cell, states, self.temperature, step)) * first
            return
        vv, vw, ww = swing_covariance(cell, self.temperature, step)
        v = np.sqrt(np.maximum(vv, 0.0))
        share = np.divide(vw, v, out=np.zeros_like(v), where=v > 0.0)
        states[0] += v * first
        states[1] += share * first
        states[1] += np.sqrt(np.maximum(ww - share**2, 0.0)) * drawn.standard_normal(first.shape, dtype=np.float32)


def silent(made: CellArray, feed: Array) -> CellArray:
    """The array with what drives it, (n, channels, rows, columns) in units of V1, as its bias, and no input."""
    template, own = made.template, made.own or OwnValues()
    channels = len(template.A)
    silent = Template.of(A=template.A, B=np.zeros((channels, 1, 1, 1)), z=template.z, channels=channels)
    return replace(made, template=silent, own=OwnValues(A=own.A, z=feed, parameters=own.parameters))
