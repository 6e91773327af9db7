"""What varies in a study: the values of one axis of its points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, ValidationError, model_validator
from scipy.special import ndtri

from ..circuits.spec.fields import Section, whole
from ..circuits.spec.messages import input_error
from ..circuits.spec.quantity import parse_any_quantity, parse_quantity
from ..devices.errors import MISSING, InputError
from ..devices.variability.streams import stream

MOST = 100_000_000
"""No count in a study may exceed this."""
CHIPS = "chips"
SEEDS = ("seed.mismatch", "seed.programming", "seed.noise")
"""What makes a chip: chip k has the number k in each."""


def _number(value: Any) -> float:
    """Of any unit, or a share such as 5%."""
    return parse_quantity(value, "1") if isinstance(value, str) and "%" in value else parse_any_quantity(value)


Number = Annotated[float, BeforeValidator(_number)]
Count = Annotated[int, whole(1, MOST)]


class GridAxis(Section):
    """Equal steps from low to high, both included; `log`: equal ratios."""

    low: Number
    high: Number
    count: Annotated[int, whole(2, 1_000_000)]
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _ordered(self) -> GridAxis:
        _require_order(self.low, self.high)
        if self.scale == "log" and self.low <= 0:
            raise InputError("low", self.low, "a number above 0 where steps are equal ratios", "use scale: linear")
        return self

    def values(self) -> list[Any]:
        """The values, in order."""
        space = np.geomspace if self.scale == "log" else np.linspace
        found: list[Any] = space(self.low, self.high, self.count).tolist()
        return found


class RandomAxis(Section):
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
        if self.std is not None and self.std <= 0:
            raise InputError("std", self.std, "a number above 0")
        if self.low is not None and self.high is not None:
            _require_order(self.low, self.high)
            if self.distribution == "log-uniform" and self.low <= 0:
                raise InputError("low", self.low, "a number above 0 of what is spread over ratios")
            if self.distribution == "integers" and not (self.low.is_integer() and self.high.is_integer()):
                raise InputError("low", self.low, "whole numbers, both")
        return self

    def at(self, shares: np.ndarray) -> list[Any]:
        """The values that these shares of the distribution lie below (its quantiles); shares are in (0, 1)."""
        if self.distribution == "normal":
            assert self.mean is not None and self.std is not None
            return list((self.mean + self.std * ndtri(shares)).tolist())
        assert self.low is not None and self.high is not None
        if self.distribution == "integers":
            return [
                int(value) for value in np.minimum(np.floor(self.low + shares * (self.high - self.low + 1)), self.high)
            ]
        if self.distribution == "log-uniform":
            return list((self.low * (self.high / self.low) ** shares).tolist())
        return list((self.low + (self.high - self.low) * shares).tolist())

    def drawn(self, count: int, seed: int, place: str) -> list[Any]:
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
