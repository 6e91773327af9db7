"""One chip: an array as it was made, programmed and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...devices.parameter import flat_parameters
from ...devices.variability.pair import Sides
from ...devices.variability.streams import stream
from ..array import CellArray
from ..own_values import OwnValues, parameter_range
from .hardware import Hardware

Array = NDArray[Any]
SEEDS = {"mismatch": 0, "programming": 0, "noise": 1}
"""What is drawn once per chip, once per programming, and once per run."""


@dataclass(frozen=True, eq=False)
class Chip:
    """A chip with this array on it; `number` tells chips of the same seed apart.

    What is drawn depends on the array's name, the seeds and the number alone, each effect from a stream of its own. An
    array that nothing touches comes back as it is: not a bit of its results changes.
    """

    array: CellArray
    hardware: Hardware
    seeds: Mapping[str, int]
    number: int = 0
    programmed: tuple[str, ...] = ("A", "B", "z")
    """What is made of conductances; the rest is put there anew for every run, by converters."""

    def at(self, run: int = 0) -> CellArray:
        """The array as it is in this run."""
        array = self.array
        weights = {name: self._made(name, self._read(name, run)) for name in self._design}
        changed = {name: values for name, values in weights.items() if values.ndim > self._design[name].ndim}
        parameters = self._parameters
        x0 = self._x0()
        if not changed and not parameters and x0 is array.x0:
            return array
        given = array.own or OwnValues()
        own = OwnValues(
            A=changed.get("A", given.A),
            B=changed.get("B", given.B),
            z=changed.get("z", given.z),
            parameters={**given.parameters, **parameters},
        )
        return replace(array, own=own, x0=x0)

    @cached_property
    def _design(self) -> dict[str, Array]:
        """A, B (out, in, kernel rows, kernel columns) and z (out), as the template says."""
        template = self.array.template
        return {"A": template.A, "B": template.B, "z": template.z}

    @cached_property
    def scale(self) -> float:
        """Siemens of a unit of weight: the largest of the array takes the whole range."""
        return self.hardware.pair.scale(max(float(np.abs(w).max(initial=0.0)) for w in self._design.values()))

    @cached_property
    def _conductances(self) -> dict[str, Sides]:
        """The conductances of every cell's own devices, (1, .., rows, columns)."""
        chip, found = self.hardware, {}
        for name in self.programmed:
            w = self._design[name]
            asked = chip.pair.programmed(self._of_cells(name, w), self.scale)
            found[name] = chip.pair.under(
                asked, chip.programmed, self._seed("programming"), *self._purpose("programming", name)
            )
        return found

    def _read(self, name: str, run: int) -> Array:
        """Weights as they are read; those of the template where they are as designed."""
        chip = self.hardware
        if name not in self.programmed or not (chip.programmed or chip.read_noise):
            return self._design[name]
        sides = chip.pair.under(
            self._conductances[name], chip.read_noise, self._seed("noise"), *self._purpose("noise", name, run)
        )
        return chip.pair.weights(sides, self.scale)

    def _made(self, name: str, w: Array) -> Array:
        """The weights as the chip's own devices and summing nodes make them."""
        chip = self.hardware
        if chip.weights.active and name in self.programmed:
            own = self._of_cells(name, w)
            w = own * chip.weights.factors(own.shape, self._stream("weights", name))
        if chip.gain.active:
            w = self._of_cells(name, w) * self._gain.reshape(1, -1, *(1,) * (3 if name != "z" else 0), *self._size)
        if name == "z" and chip.offset.active:
            w = self._of_cells(name, w) + chip.offset.offsets((1, *self.array.shape), self._stream("offset"))
        return w

    @cached_property
    def _gain(self) -> Array:
        return self.hardware.gain.factors((1, *self.array.shape), self._stream("gain"))

    @cached_property
    def _parameters(self) -> dict[str, Array]:
        cell, found = self.array.cell, {}
        values = flat_parameters(cell)
        for name, spread in self.hardware.parameters.items():
            if spread.active:
                drawn = values[name] * spread.factors((1, *self.array.shape), self._stream("parameter", name))
                low, high = parameter_range(cell, name)
                found[name] = np.clip(drawn, low, high)
        return found

    def _x0(self) -> float | Array | None:
        spread, x0 = self.hardware.x0, self.array.x0
        if not spread.active or x0 is None:
            return x0
        drawn = np.asarray(x0) * spread.factors((1, *self.array.shape), self._stream("x0"))[0]
        return np.clip(drawn, 0.0, 1.0)

    @property
    def _size(self) -> tuple[int, int]:
        return self.array.rows, self.array.columns

    def _of_cells(self, name: str, w: Array) -> Array:
        """(1, .., rows, columns): every cell has devices of its own."""
        if w.ndim > self._design[name].ndim:
            return w
        return np.broadcast_to(w[np.newaxis, ..., np.newaxis, np.newaxis], (1, *w.shape, *self._size))

    def _seed(self, name: str) -> int:
        return self.seeds.get(name, SEEDS[name])

    def _purpose(self, seed: str, *what: str | int) -> tuple[str | int, ...]:
        """All that a stream is for, beside its seed."""
        return seed, self.array.name, self.number, *what

    def _stream(self, *what: str) -> np.random.Generator:
        return stream(self._seed("mismatch"), *self._purpose("mismatch", *what))
