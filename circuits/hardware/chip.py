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
from ..row_memory import as_planes
from .amplified import OFFSETS
from .built import built
from .hardware import Hardware
from .synapses import Synapses

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

    threads: int = 1
    """That make it; no bit depends on them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", built(self.array, self.hardware, self.programmed))

    def at(self, run: int = 0) -> CellArray:
        """The array as it is in this run."""
        noisy = {name: synapses.read(run) for name, synapses in self._synapses.items() if synapses.noisy}
        return self._array(noisy) if noisy else self._still

    @cached_property
    def _still(self) -> CellArray:
        """The array without read noise."""
        return self._array({})

    def _array(self, noisy: Mapping[str, Array]) -> CellArray:
        array, x0 = self.array, self.x0
        touched = {name: noisy.get(name, made.weights) for name, made in self._synapses.items() if made.touched}
        weights = {name: as_planes(rows) for name, rows in touched.items()}
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
    def _synapses(self) -> dict[str, Synapses]:
        """What A, B and z are made of."""
        seeds = {name: self._seed(name) for name in SEEDS}
        gain = self.node_gain[0] if self.hardware.gain.active else None
        offset = self._offset[0] if self.hardware.offset.active else None
        return {
            name: Synapses(
                name, design, *self._size, self.hardware, seeds, (self.array.name, self.number), self.scale,
                name in self.programmed, gain, offset if name == "z" else None,
                np.float32 if self.single else np.float64, self.threads,
            )
            for name, design in self._design.items()
        }  # fmt: skip

    def sides(self, name: str) -> Sides:
        """g+ and g- [S] of A, B or z as they were programmed, with their lines, (1, .., rows, columns), without read
        noise and without the mismatch of weights."""
        plus, minus = zip(*map(self._synapses[name].sides, range(self.array.rows)), strict=True)
        return as_planes(np.stack(plus)), as_planes(np.stack(minus))

    def loads(self, name: str) -> Array:
        """g+ + g- [S], what each pair of A, B or z is to the voltage that drives it: (1, .., rows, columns), mismatch
        included, or (..) where the pairs are as designed."""
        made = self.hardware
        if not (made.programmed or made.weights.active or made.lines.active):
            plus, minus = made.pair.programmed(self._design[name], self.scale)
            return plus + minus
        plus, minus = self.sides(name)
        factors = [self._synapses[name].factor(row) for row in range(self.array.rows)]
        known = [factor for factor in factors if factor is not None]
        return (plus + minus) * as_planes(np.stack(known)) if known else plus + minus

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
        if (amplifiers := self.hardware.op_amps) is not None:
            for name in OFFSETS:
                warmer = self.hardware.temperature.warmer
                offsets = amplifiers.offsets((1, *self.array.shape), warmer, self._stream("op-amp", name))
                found |= {} if offsets is None else {name: offsets}
        return found

    @cached_property
    def x0(self) -> float | Array | None:
        """Where memristors start, as they were made: a number, or one for each cell; None where there are none."""
        spread, x0 = self.hardware.x0, self.array.x0
        if not spread.active or x0 is None:
            return x0
        drawn = np.asarray(x0) * spread.factors((1, *self.array.shape), self._stream("x0"))[0]
        return np.clip(drawn, 0.0, 1.0)

    @property
    def _size(self) -> tuple[int, int]:
        return self.array.rows, self.array.columns

    def _seed(self, name: str) -> int:
        return self.seeds.get(name, SEEDS[name])

    def _purpose(self, seed: str, *what: str | int) -> tuple[str | int, ...]:
        """All that a stream is for, beside its seed."""
        return seed, self.array.name, self.number, *what

    def _stream(self, *what: str) -> np.random.Generator:
        return stream(self._seed("mismatch"), *self._purpose("mismatch", *what))
