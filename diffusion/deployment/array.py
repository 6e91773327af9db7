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
from ...circuits.own_values import OwnValues
from ...simulator.engines import thread_count
from ...simulator.feed import own_feed
from .fold import FoldedBlock
from .run import Integration, Run, silent

Array = NDArray[Any]


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
        thermal = self.hardware.thermal
        temperature = 0.0 if thermal is None else thermal.temperature
        purpose = ("noise", self.folded.name, self.chip.number, "thermal", self.runs)
        run = Run(made, stop, self.integration, temperature, self.seeds.get("noise", 1), purpose)
        y, states = run.ended(feed, self.chip.x0 if self.folded.x0 else None)
        self.runs += 1
        if self.ended is not None:
            self.ended(states)
        return y, states

    def driven(self, u: Array, gain: Array, bias: Array) -> CellArray:
        """The array of the coming run without inputs: what drives it beside its feedback is its bias, in every cell."""
        made = self.chip.at(self.runs)
        return silent(made, self._feed(made, self.border.driven(u), gain, bias))

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


def _correlated(padded: Array, B: Array) -> Array:
    import torch

    weights = torch.tensor(B)
    return np.asarray(torch.nn.functional.conv2d(torch.from_numpy(padded), weights).numpy())


def _of_channels(values: Array) -> Array:
    return values.reshape(1, -1, 1, 1).copy()


def rms(values: Array) -> float:
    """The root of the mean square."""
    return math.sqrt(float(np.mean(np.square(values, dtype=np.float64))))
