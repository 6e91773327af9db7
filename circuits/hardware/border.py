"""Where an array meets numbers and the clock: converters, and the time at which a run stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ...devices.variability.converter import Converter
from ...devices.variability.streams import stream
from .chip import SEEDS
from .hardware import Hardware

Array = NDArray[Any]


@dataclass(frozen=True)
class Border:
    """The border of the array of this name on a chip; `number` tells chips of the same seed apart."""

    hardware: Hardware
    seeds: Mapping[str, int]
    name: str
    number: int = 0

    def driven(self, u: Array) -> Array:
        """What stands at the array's input for normalised numbers u (samples, channels, rows, columns)."""
        converter = self.hardware.into
        return u if converter is None else converter.converted(u, self._levels(converter, "input", u.shape[1]))

    def read(self, y: Array) -> Array:
        """The numbers read from normalised outputs y (samples, channels, rows, columns)."""
        converter = self.hardware.out
        return y if converter is None else converter.read(y, self._levels(converter, "output", y.shape[1]))

    def stop(self, stop: float, run: int = 0) -> float:
        """When a run that is to stop at `stop` [s] does, cells being `time_scale` times slower; jitter never makes it
        end before a tenth of that."""
        stop *= self.hardware.time_scale
        if self.hardware.jitter == 0.0:
            return stop
        drawn = stream(self.seeds.get("noise", SEEDS["noise"]), "noise", self.name, self.number, "stop", run)
        return stop * max(0.1, 1.0 + self.hardware.jitter * float(drawn.standard_normal()))

    def _levels(self, converter: Converter, side: str, channels: int) -> Array | None:
        """One converter for each channel; None where all are ideal."""
        if converter.ideal:
            return None
        seed = self.seeds.get("mismatch", SEEDS["mismatch"])
        return converter.levels(channels, stream(seed, "mismatch", self.name, self.number, "converter", side))
