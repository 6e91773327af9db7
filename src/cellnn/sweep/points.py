"""The points of a study: what varies, multiplied out in a fixed order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..devices.errors import MISSING, InputError
from .axes import CHIPS, SEEDS, Axis, ChipsAxis, GridAxis, RandomAxis, Vary
from .saltelli import design

DRAWS = "draws"
"""The axis of all that is random, chips among it: draw k of every place belongs to draw k of all others."""


@dataclass(frozen=True, eq=False)
class Points:
    """The product of the axes, the last of which moves fastest: grids and lists in the order of the file, then what is
    random.

    Point k is had by its number alone: only the axes are held, in which a random place has eight bytes for each draw.
    """

    axes: tuple[Axis, ...]
    chips: int
    """Points that differ only in their chip follow each other in runs of this length."""

    def __len__(self) -> int:
        return math.prod(len(axis) for axis in self.axes)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def places(self) -> tuple[str, ...]:
        """All places at which something varies."""
        return tuple(place for axis in self.axes for place in axis.places)

    def at(self, number: int) -> dict[str, Any]:
        """What stands where in this point."""
        found: dict[str, Any] = {}
        for axis in reversed(self.axes):
            number, index = divmod(number, len(axis))
            found = axis.at(index) | found
        return found

    @cached_property
    def cases(self) -> list[dict[str, Any]]:
        """The combinations of all that is not random, one after the other; one with nothing where there is none."""
        fixed = Points(tuple(axis for axis in self.axes if axis.name != DRAWS and axis.name != CHIPS), 1)
        return [fixed.at(k) for k in range(len(fixed))]

    @property
    def draws(self) -> int:
        """Points of each case: case c has the points c draws to (c + 1) draws."""
        return len(self) // len(self.cases)


def points_of(vary: Mapping[str, Vary], seed: int, sobol: int | None = None) -> Points:
    """The points of what varies; `sobol`: base samples of a Saltelli design in place of random draws, whose chips are a
    product with them.

    Raises InputError for draws of different counts.
    """
    axes = [Axis(place, {place: _values(how)}) for place, how in vary.items() if isinstance(how, (tuple, GridAxis))]
    random = {place: how for place, how in vary.items() if isinstance(how, RandomAxis)}
    given = vary.get(CHIPS)
    chips = given if isinstance(given, ChipsAxis) else None
    seeds = {} if chips is None else {place: range(chips.first, chips.first + chips.count) for place in SEEDS}
    if sobol is not None:
        if not random:
            raise InputError("sensitivity", MISSING, "something random in vary", "add {random: {..}} at some place")
        axes.append(Axis(DRAWS, design(random, sobol, seed)))
        if chips is not None:
            axes.append(Axis(CHIPS, seeds))
        return Points(tuple(axes), 1 if chips is None else chips.count)
    counts = {f"{place}.random.count": how.count for place, how in random.items()}
    if chips is not None:
        counts["chips.count"] = chips.count
    if counts:
        axes.append(Axis(DRAWS, _drawn(random, _common(counts), seed) | seeds))
    return Points(tuple(axes), chips.count if chips is not None and not random else 1)


def _drawn(random: Mapping[str, RandomAxis], count: int, seed: int) -> dict[str, Any]:
    return {place: how.drawn(count, seed, place) for place, how in random.items()}


def _common(counts: Mapping[str, int | None]) -> int:
    """The one count of all draws."""
    known = {place: count for place, count in counts.items() if count is not None}
    if not known:
        place = next(iter(counts))
        raise InputError(place, MISSING, "how many draws there are to be")
    first = next(iter(known.values()))
    for place, count in known.items():
        if count != first:
            raise InputError(place, count, f"{first}, as all that is random is drawn together")
    return first


def _values(how: Vary) -> list[Any]:
    return how.values() if isinstance(how, GridAxis) else list(how)
