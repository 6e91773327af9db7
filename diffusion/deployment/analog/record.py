"""What a loop leaves: pictures, and the voltages of the first picture's integrators over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from .loop import Loop

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AnalogRun:
    """Pictures (n, channels, rows, columns), not clipped, on the CPU; waveforms of all pixels of the first.

    `times` (points,) [s] begin where the start is loaded; `waveforms` (points, channels, rows, columns) [V] are the
    integrators' voltages, `ramp` (points,) the ramp as it was made, of its full scale. `held` (windows, channels, rows,
    columns) are the answers as they were held, in the network's units, each from `held_from` (windows,) [s] on.
    `duration` [s] is that of a picture, `asked` how often the network was asked for each.
    """

    pictures: Tensor
    times: Array
    waveforms: Array
    ramp: Array
    held: Array
    held_from: Array
    duration: float
    asked: int


class Recorder:
    """Writes down the first picture of a batch, and runs the loop's clock."""

    def __init__(self, loop: Loop, x: Tensor, u: float) -> None:
        self._loop, self._now = loop, 0.0
        self._times, self._ramp = [0.0], [u]
        self._waveforms = [self._volts(x)]
        self._held: list[Array] = []
        self._held_from: list[float] = []

    def waited(self, x: Tensor, held: Tensor) -> None:
        """The network's answer has come (x stands still meanwhile), and is held."""
        loop, windows = self._loop, len(self._held)
        if not loop.late or windows == 0:
            self._now = loop.latency * (2 * windows + 1 if not loop.late else 1)
            self._add(x, self._ramp[-1])
        self._held.append(held[0].double().numpy().copy())
        self._held_from.append(self._now)

    def stepped(self, x: Tensor, step: int, u: float) -> None:
        """`step` steps of this window are done."""
        loop = self._loop
        self._now = self._held_from[-1] + loop.latency * step / loop.substeps
        self._add(x, u)

    def run(self, pictures: Tensor, asked: int) -> AnalogRun:
        """All of it."""
        return AnalogRun(
            pictures,
            np.array(self._times),
            np.array(self._waveforms),
            np.array(self._ramp),
            np.array(self._held),
            np.array(self._held_from),
            self._loop.duration,
            asked,
        )

    def _add(self, x: Tensor, u: float) -> None:
        self._times.append(self._now)
        self._ramp.append(u)
        self._waveforms.append(self._volts(x))

    def _volts(self, x: Tensor) -> Array:
        found: Array = x[0].double().numpy() * self._loop.integrator.V1
        return found
