"""A block's array on a chip: driven, run by the grid simulator, read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...circuits.array import CellArray
from ...circuits.hardware import Border, Chip, Hardware
from ...circuits.hardware.own_cell import own_cell
from ...circuits.hardware.step_noise import step_variance
from ...circuits.own_values import OwnValues
from ...circuits.spec.models import RunSpec
from ...circuits.template import Template
from ...devices.errors import SimulationError
from ...devices.variability.streams import stream
from ...simulator.engines import Precision, integrate, thread_count
from ...simulator.feed import own_feed
from ...simulator.problem import Problem
from ..layers.switching import FAR, FINER, MOVED
from .delay import Delay
from .fold import FoldedBlock

Array = NDArray[Any]


@dataclass(frozen=True)
class Integration:
    """How the simulator integrates a run: equal steps, each of which also gets its share of thermal noise."""

    method: str = "rk4"
    steps: int = 2
    precision: Precision = "single"
    threads: int | None = None


@dataclass(eq=False)
class DeployedArray:
    """One block on one chip, for planes of rows x columns.

    `ranges` are the largest inputs and outputs, in units of V1, that its converters were made for: what is beyond is
    clipped. Numbers come in and go out in units of V1, as in the network.
    """

    folded: FoldedBlock
    rows: int
    columns: int
    hardware: Hardware
    seeds: Mapping[str, int]
    ranges: tuple[float, float] = (1.0, 1.0)
    integration: Integration = Integration()
    runs: int = field(default=0, init=False)
    """How often it ran: read noise, thermal noise and jitter are drawn anew in each."""
    ended: Callable[[Array], None] | None = field(default=None, init=False)
    """Told the states at the end of each run."""

    def __post_init__(self) -> None:
        designed = self.folded.array(self.rows, self.columns)
        self._threads = thread_count(self.integration.threads)
        single = self.integration.precision == "single"
        self.chip = Chip(
            designed, self.hardware, self.seeds, programmed=("A", "B"), single=single, threads=self._threads
        )
        chips = [
            None if converter is None else replace(converter, full_scale=converter.full_scale * largest)
            for converter, largest in zip((self.hardware.into, self.hardware.out), self.ranges, strict=True)
        ]
        self.border = Border(replace(self.hardware, into=chips[0], out=chips[1]), self.seeds, designed.name)
        self.readout: Array = _of_channels(self.folded.readout)
        """Gain of what is read, (1, channels, 1, 1), or one for each cell: a calibration changes it."""
        self.offset: Array = _of_channels(self.folded.offset)
        """What is added to it, shaped likewise."""
        self.trim: Array = np.zeros(self.folded.channels)
        """What is added to the bias of each channel (channels,), in units of V1."""

    def __call__(self, u: Array, gain: Array, bias: Array) -> Array:
        """The outputs (n, channels, rows, columns), read out, under u (n, in, rows, columns) and the diffusion step's
        gain and bias (n, channels)."""
        return self.read(u, gain, bias) * self.readout + self.offset

    def read(self, u: Array, gain: Array, bias: Array) -> Array:
        """The outputs as the converters at the border give them, in units of V1."""
        y, _ = self.run(u, gain, bias)
        return self.border.read(y)

    def run(self, u: Array, gain: Array, bias: Array) -> tuple[Array, Array]:
        """The outputs, normalised, as they stand at the array's border, and the states at the end (states, n, ...)."""
        made = self.chip.at(self.runs)
        feed = self._feed(made, self.border.driven(u), gain, bias)
        stop = self.border.stop(self.folded.stop, self.runs)
        y, states = self._integrated(made, feed, stop)
        self.runs += 1
        if self.ended is not None:
            self.ended(states)
        return y, states

    def driven(self, u: Array, gain: Array, bias: Array) -> CellArray:
        """The array of the coming run without inputs: what drives it beside its feedback is its bias, in every cell."""
        made = self.chip.at(self.runs)
        return _silent(made, self._feed(made, self.border.driven(u), gain, bias))

    def _feed(self, made: CellArray, u: Array, gain: Array, bias: Array) -> Array:
        """What drives the cells beside their feedback, in units of V1."""
        own, template = made.own or OwnValues(), made.template
        height, width = template.B.shape[-2:]
        dtype = np.float32 if self.integration.precision == "single" else np.float64
        padded = made.boundary.pad(np.asarray(u, dtype), height // 2, width // 2)
        if own.B is not None:
            fed = own_feed(padded, np.asarray(own.B, dtype), self._threads)
        else:
            fed = _correlated(padded, np.asarray(template.B, dtype))
        z = (gain * self.folded.shift + bias + self.trim)[..., None, None]
        feed = fed * gain[..., None, None] + (z * self.chip.node_gain if self.hardware.gain.active else z)
        return feed if own.z is None else feed + own.z

    def _integrated(self, made: CellArray, feed: Array, stop: float) -> tuple[Array, Array]:
        """The outputs [V1] and states at the end; samples whose memristors switch take finer steps, as in the network
        (`layers.switching`)."""
        steps = self.integration.steps
        if not self.folded.x0:
            return self._marched(made, feed, stop, steps)
        try:
            y, states = self._marched(made, feed, stop, steps)
        except SimulationError:  # of some sample
            return self._marched(made, feed, stop, steps * FINER)
        moved = (np.abs(states[1] - np.asarray(self.chip.x0)) > MOVED) | ~(np.abs(states[0]) < FAR * made.cell.V1)
        again = np.flatnonzero(moved.reshape(len(feed), -1).any(axis=1))
        if len(again):
            y[again], states[:, again] = self._marched(made, feed[again], stop, steps * FINER)
        return y, states

    def _marched(self, made: CellArray, feed: Array, stop: float, steps: int) -> tuple[Array, Array]:
        """Step by step where something comes in between, thermal noise or amplifiers' delay; else at once."""
        how, thermal = self.integration, self.hardware.thermal
        array = _silent(made, feed)
        u = np.zeros((len(feed), array.input_channels, self.rows, self.columns))
        noisy = thermal is not None and thermal.temperature > 0.0
        step = stop / steps
        delay = Delay.of(array, step, np.float32 if how.precision == "single" else np.float64, how.threads or 1)
        stepwise = noisy or delay is not None
        parts = steps if stepwise else 1
        run = RunSpec.model_validate({"stop": stop / parts, "method": how.method, "step": step, "save": 2})
        states: Array | None = None
        for part in range(parts):
            problem = Problem(array, u, states)
            found = integrate(problem, run, precision=how.precision, threads=how.threads)
            states = np.asarray(found.states[:, :, -1], np.float64)
            if delay is not None:
                states[0] += delay.moved(found.outputs[:, 0], found.outputs[:, -1])
            if noisy:
                states[0] += self._kicks(array, states, step, part, steps)
        assert states is not None
        y = own_cell(array).output(*states) if stepwise else np.asarray(found.outputs[:, -1], np.float64)
        return y / array.cell.V1, states

    def _kicks(self, array: CellArray, states: Array, step: float, part: int, steps: int) -> Array:
        """Thermal noise [V] of a step."""
        thermal = self.hardware.thermal
        assert thermal is not None
        variance = step_variance(own_cell(array), states, thermal.temperature, step)
        seed = self.seeds.get("noise", 1)
        purpose: tuple[str | int, ...] = ("thermal", self.runs, part)
        if steps != self.integration.steps:
            purpose += (steps,)
        drawn = stream(seed, "noise", self.folded.name, self.chip.number, *purpose)
        return np.sqrt(variance) * drawn.standard_normal(states[0].shape, dtype=np.float32)


def _silent(made: CellArray, feed: Array) -> CellArray:
    """The array with what drives it, (n, channels, rows, columns) in units of V1, as its bias, and no input."""
    template, own = made.template, made.own or OwnValues()
    channels = len(template.A)
    silent = Template.of(A=template.A, B=np.zeros((channels, 1, 1, 1)), z=template.z, channels=channels)
    return replace(made, template=silent, own=OwnValues(A=own.A, z=feed, parameters=own.parameters))


def _correlated(padded: Array, B: Array) -> Array:
    import torch

    weights = torch.tensor(B)
    return np.asarray(torch.nn.functional.conv2d(torch.from_numpy(padded), weights).numpy())


def _of_channels(values: Array) -> Array:
    return values.reshape(1, -1, 1, 1).copy()


def rms(values: Array) -> float:
    """The root of the mean square."""
    return math.sqrt(float(np.mean(np.square(values, dtype=np.float64))))
