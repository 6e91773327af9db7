"""What varies in a study: the values of one axis of its points."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import PlainValidator, ValidationError, model_validator
from scipy.special import ndtri

from ..circuits.spec.fields import Section, whole
from ..circuits.spec.messages import input_error
from ..circuits.spec.quantity import parse_quantity, unit_of
from ..devices.errors import MISSING, InputError
from ..devices.variability.streams import stream

MOST = 100_000_000
"""No count in a study may exceed this."""
CHIPS = "chips"
SEEDS = ("seed.mismatch", "seed.programming", "seed.noise")
"""What makes a chip: chip k has the number k in each."""


class Written(float):
    """A number in base units as a study gives it: `text`, and the `unit` in it, empty where there is none."""

    text: str
    unit: str


def _number(value: Any) -> Written:
    """Of any unit, or a share such as 5%, whose unit is %: which one a place has is not known here."""
    if isinstance(value, str) and re.search(r"(^|[0-9.\s/])K\s*$", value):
        hint = "a K alone is kelvin at some places and kilo at others"
        raise InputError("", value, "a number in base units, or with another unit", hint)
    unit = "%" if isinstance(value, str) and "%" in value else unit_of(value)
    found = Written(parse_quantity(value, "1" if unit in ("", "%") else unit))
    found.text, found.unit = str(value), unit
    return found


Number = Annotated[Written, PlainValidator(_number)]
Count = Annotated[int, whole(1, MOST)]


class Numbers(Section):
    """What an axis says in numbers, all of one unit; what is bare is in base units."""

    def in_unit(self, value: float) -> list[str]:
        """A value of the axis as a text with the axis' unit, which a place of another dimension refuses; nothing where
        there is no unit."""
        unit = next((number.unit for _, number in self._with_unit()), "")
        if unit == "%":
            return [f"{100 * value:.12g}%"]
        return [f"{value:.12g} {unit}"] if unit else []

    def _with_unit(self) -> list[tuple[str, Written]]:
        return [(name, value) for name, value in self if isinstance(value, Written) and value.unit]

    def _require_one_unit(self) -> None:
        for name, number in self._with_unit():
            first = self._with_unit()[0][1]
            if number.unit != first.unit:
                raise InputError(name, number.text, f"a number in {first.unit}, as {first.text} is")


class GridAxis(Numbers):
    """Equal steps from low to high, both included; `log`: equal ratios."""

    low: Number
    high: Number
    count: Annotated[int, whole(2, 1_000_000)]
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _ordered(self) -> GridAxis:
        self._require_one_unit()
        _require_order(self.low, self.high)
        if self.scale == "log" and self.low <= 0:
            raise InputError("low", self.low, "a number above 0 where steps are equal ratios", "use scale: linear")
        return self

    def values(self) -> list[Any]:
        """The values, in order; where ends and step are whole and have no unit, they are whole numbers, as places of
        bits and rows demand."""
        space = np.geomspace if self.scale == "log" else np.linspace
        found: list[Any] = space(float(self.low), float(self.high), self.count).tolist()
        if self.scale == "linear" and not self._with_unit() and self.low.is_integer() and self.high.is_integer():
            low, high = int(self.low), int(self.high)
            if (high - low) % (self.count - 1) == 0:
                return list(range(low, high + 1, (high - low) // (self.count - 1)))
        return found


class RandomAxis(Numbers):
    """A distribution; `count` may be left out where the chips, or a design of sensitivity, say it."""

    distribution: Literal["uniform", "log-uniform", "normal", "integers"] = "uniform"
    low: Number | None = None
    high: Number | None = None
    mean: Number | None = None
    std: Number | None = None
    count: Count | None = None

    @model_validator(mode="after")
    def _complete(self) -> RandomAxis:
        wanted = ("mean", "std") if self.distribution == "normal" else ("low", "high")
        for name in ("low", "high", "mean", "std"):
            value = getattr(self, name)
            if name in wanted and value is None:
                raise InputError(name, MISSING, f"this key, with distribution: {self.distribution}")
            if name not in wanted and value is not None:
                raise InputError(name, value, f"{' and '.join(wanted)} with distribution: {self.distribution}")
        self._require_one_unit()
        if self.std is not None and self.std <= 0:
            raise InputError("std", self.std, "a number above 0")
        if self.low is not None and self.high is not None:
            _require_order(self.low, self.high)
            if self.distribution == "log-uniform" and self.low <= 0:
                raise InputError("low", self.low, "a number above 0 of what is spread over ratios")
            if self.distribution == "integers" and not (self.low.is_integer() and self.high.is_integer()):
                raise InputError("low", self.low, "whole numbers, both")
        return self

    def at(self, shares: np.ndarray) -> array[Any]:
        """The values that these shares of the distribution lie below (its quantiles); shares are in (0, 1).

        Eight bytes each, of which Python makes its own numbers when asked.
        """
        if self.distribution == "normal":
            assert self.mean is not None and self.std is not None
            return _packed(float(self.mean) + float(self.std) * ndtri(shares))
        assert self.low is not None and self.high is not None
        low, high = float(self.low), float(self.high)
        if self.distribution == "integers":
            return _packed(np.minimum(np.floor(low + shares * (high - low + 1)), high).astype(np.int64))
        if self.distribution == "log-uniform":
            return _packed(low * (high / low) ** shares)
        return _packed(low + (high - low) * shares)

    def drawn(self, count: int, seed: int, place: str) -> array[Any]:
        """`count` draws, of a stream of the seed and the place: the first are the same whatever the count."""
        return self.at(stream(seed, "sweep", place).random(count))


class ChipsAxis(Section):
    """Chips by their seeds, first, first + 1, .."""

    count: Count
    first: Annotated[int, whole(0, 2**62)] = 0


Vary = GridAxis | RandomAxis | ChipsAxis | tuple[Any, ...]
"""How one place varies; a tuple: its values one by one."""
KINDS: dict[str, type[GridAxis | RandomAxis]] = {"grid": GridAxis, "random": RandomAxis}


def parse_vary(place: str, data: Any) -> Vary:
    """What stands below a place in `vary`. Raises InputError."""
    if place == CHIPS:
        return ChipsAxis.model_validate(data)
    if not isinstance(data, dict) or len(data) != 1 or next(iter(data)) not in ("list", *KINDS):
        raise InputError("", data, "one of {list: [..]}, {grid: {..}} and {random: {..}}")
    kind, value = next(iter(data.items()))
    if kind != "list":
        try:
            return KINDS[kind].model_validate(value)
        except ValidationError as error:
            raise input_error(error).at(kind) from None
    if not isinstance(value, list) or not value:
        raise InputError("list", value, "a list of at least one value")
    return tuple(value)


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of the points: at index i, the values `places[name][i]` stand at these places of the base."""

    name: str
    places: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.places.values())))

    def at(self, index: int) -> dict[str, Any]:
        """What stands where."""
        return {place: values[index] for place, values in self.places.items()}


def _require_order(low: float, high: float) -> None:
    if not low < high:
        raise InputError("high", high, f"a number above low, {low:g}")


def _packed(values: np.ndarray) -> array[Any]:
    return array("q" if values.dtype == np.int64 else "d", values.tobytes())
