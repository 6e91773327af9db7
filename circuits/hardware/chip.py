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

    single: bool = False
    """Whether weights are kept in single precision, for the sake of speed and memory."""

    def at(self, run: int = 0) -> CellArray:
        """The array as it is in this run."""
        if not self._read_spreads:
            return self._still
        noisy = {}
        for name, spread in self._read_spreads.items():
            drawn = stream(self._seed("noise"), *self._purpose("noise", name, run))
            values = drawn.standard_normal(spread.shape, dtype=np.float32)
            values = np.multiply(values, spread, out=values if self.single else None)
            values += self._weights[name]
            values.flags.writeable = False
            noisy[name] = values
        return self._array({**self._weights, **noisy})

    @cached_property
    def _still(self) -> CellArray:
        """The array without read noise."""
        return self._array(self._weights)

    def _array(self, weights: Mapping[str, Array]) -> CellArray:
        array, x0 = self.array, self._x0
        if not weights and not self._parameters and x0 is array.x0:
            return array
        given = array.own or OwnValues()
        own = OwnValues(
            A=weights.get("A", given.A),
            B=weights.get("B", given.B),
            z=weights.get("z", given.z),
            parameters={**given.parameters, **self._parameters},
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
        largest = (float(np.abs(self._design[name]).max(initial=0.0)) for name in self.programmed)
        return self.hardware.pair.scale(max(largest, default=0.0))

    @cached_property
    def _weights(self) -> dict[str, Array]:
        """Weights (1, .., rows, columns) that are not as designed, without read noise."""
        return self._made[0]

    @cached_property
    def _read_spreads(self) -> dict[str, Array]:
        """Standard deviations of weights by read noise, that of a pair the root of the sum of both squares."""
        return self._made[1]

    @cached_property
    def _made(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """Both, in one go: the conductances they come from are as many again."""
        chip, weights, spreads = self.hardware, {}, {}
        kind = np.float32 if self.single else np.float64
        for name, design in self._design.items():
            w, spread = design, None
            if name in self.programmed and (chip.programmed or chip.read_noise):
                sides = self.sides(name)
                w = chip.pair.weights(sides, self.scale)
                for noise in chip.read_noise:
                    spread = np.hypot(noise.spread(sides[0]), noise.spread(sides[1])) / self.scale
            factor = self._factor(name)
            if factor is not None:
                w = (w if w.ndim > design.ndim else self._of_cells(design)) * factor
                spread = None if spread is None else spread * factor
            if name == "z" and chip.offset.active:
                w = (w if w.ndim > design.ndim else self._of_cells(design)) + self._offset
            if w is not design:
                weights[name] = np.asarray(w, kind)
            if spread is not None:
                spreads[name] = np.asarray(spread, kind)
        for values in (*weights.values(), *spreads.values()):
            values.flags.writeable = False
        return weights, spreads

    def sides(self, name: str) -> Sides:
        """g+ and g- [S] of A, B or z as they were programmed, (1, .., rows, columns), without read noise and without
        the mismatch of weights."""
        asked = self.hardware.pair.programmed(self._of_cells(self._design[name]), self.scale)
        seed = self._seed("programming")
        return self.hardware.pair.under(asked, self.hardware.programmed, seed, *self._purpose("programming", name))

    def _factor(self, name: str) -> Array | None:
        """What the chip's synapses and summing nodes multiply a weight with; None where they are as designed."""
        chip, factor = self.hardware, None
        if chip.weights.active and name in self.programmed:
            shape = (1, *self._design[name].shape, *self._size)
            factor = chip.weights.factors(shape, self._stream("weights", name))
        if chip.gain.active:
            gain = self.node_gain.reshape(1, -1, *(1,) * (3 if name != "z" else 0), *self._size)
            factor = gain if factor is None else factor * gain
        return factor

    @cached_property
    def node_gain(self) -> Array:
        """What each cell's summing node multiplies all that drives it with, (1, channels, rows, columns)."""
        if not self.hardware.gain.active:
            return np.ones((1, *self.array.shape))
        return self.hardware.gain.factors((1, *self.array.shape), self._stream("gain"))

    @cached_property
    def _offset(self) -> Array:
        return self.hardware.offset.offsets((1, *self.array.shape), self._stream("offset"))

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

    @cached_property
    def _x0(self) -> float | Array | None:
        spread, x0 = self.hardware.x0, self.array.x0
        if not spread.active or x0 is None:
            return x0
        drawn = np.asarray(x0) * spread.factors((1, *self.array.shape), self._stream("x0"))[0]
        return np.clip(drawn, 0.0, 1.0)

    @property
    def _size(self) -> tuple[int, int]:
        return self.array.rows, self.array.columns

    def _of_cells(self, w: Array) -> Array:
        """(1, .., rows, columns): every cell has devices of its own."""
        return np.broadcast_to(w[np.newaxis, ..., np.newaxis, np.newaxis], (1, *w.shape, *self._size))

    def _seed(self, name: str) -> int:
        return self.seeds.get(name, SEEDS[name])

    def _purpose(self, seed: str, *what: str | int) -> tuple[str | int, ...]:
        """All that a stream is for, beside its seed."""
        return seed, self.array.name, self.number, *what

    def _stream(self, *what: str) -> np.random.Generator:
        return stream(self._seed("mismatch"), *self._purpose("mismatch", *what))
