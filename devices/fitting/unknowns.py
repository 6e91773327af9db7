"""What is fitted: which parameters and starting states, from which values, on which scale, within which range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..codegen.tracing import trace_memristor
from ..errors import InputError
from ..memristor import Memristor
from ..parameter import Parameter, parameters_of, require_known
from ..registry import make_memristor, memristor_class
from .measurements import Measurements

DECADES = 3
"""A range that goes on for so many decades beyond the start value is searched in the logarithm."""
LEAST_OF_START = 1e-12
"""A logarithm needs an end: the magnitude is not sought below this share of the start value."""


@dataclass(frozen=True)
class Unknown:
    """A number to find, from `start`, in [low, high]: sign exp(z) with `log`, else scale z."""

    name: str
    unit: str
    start: float
    low: float
    high: float
    log: bool
    scale: float

    def value(self, z: float) -> float:
        """The number at the coordinate z."""
        if self.log:
            return float(min(max(math.copysign(math.exp(z), self.start), self.low), self.high))
        return float(min(max(self.scale * z, self.low), self.high))

    def coordinate(self, value: float) -> float:
        """The coordinate z of a number."""
        return math.log(abs(value)) if self.log else value / self.scale

    def slope(self, value: float) -> float:
        """d(value)/dz."""
        return value if self.log else self.scale

    @property
    def bounds(self) -> tuple[float, float]:
        """The range of z."""
        low, high = self.coordinate(self.low), self.coordinate(self.high)
        return min(low, high), max(low, high)


@dataclass(frozen=True)
class Plan:
    """A model, its parameters at the start, those to find (numbers in `free`), and x0 of each trace (None: to find)."""

    device: Memristor
    free: tuple[int, ...]
    parameters: tuple[Unknown, ...]
    x0: tuple[float | None, ...]
    states: tuple[Unknown, ...]
    notes: tuple[str, ...]

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """All that is to be found, parameters first."""
        return self.parameters + self.states

    @property
    def start_values(self) -> NDArray[Any]:
        """All parameters of the model at the start."""
        return np.array([getattr(self.device, name) for name in parameters_of(self.device)])


def unknown(name: str, info: Parameter, start: float) -> Unknown:
    """The scale and range on which to seek a parameter from this start value (not 0 where the range has no scale)."""
    side = (info.low, info.high) if start >= 0 else (-info.high, -info.low)  # of the magnitude
    size = abs(start)
    if size > 0 and side[1] >= 10**DECADES * size or (side[0] > 0 and side[1] >= 10**DECADES * side[0]):
        ends = sorted(math.copysign(end, start) for end in (max(side[0], size * LEAST_OF_START), min(side[1], 1e300)))
        return Unknown(name, info.unit, start, ends[0], ends[1], True, 1.0)
    scale = size or max(abs(info.low), abs(info.high))
    return Unknown(name, info.unit, start, info.low, info.high, False, scale)


def _has_scale(info: Parameter, start: float) -> bool:
    """Whether it is known how large the parameter may be: from its start value, or from a short range."""
    return start != 0 or max(abs(info.low), abs(info.high)) <= 10**DECADES


def make_plan(
    model: str,
    measurements: Measurements,
    *,
    free: Iterable[str] | None = None,
    fix: Mapping[str, float | None] | None = None,
    start: Mapping[str, float] | None = None,
    parameter_set: str | None = None,
    x0: float | Mapping[str, float] | None = None,
) -> Plan:
    """What to fit. `free` names the parameters to find (default: all that matter), `fix` those to hold (None: at the
    start value), `start` where others begin, `parameter_set` a published set to begin from; `x0` is the known state at
    the start of all traces, or of those named.

    Raises InputError, at `model`, `free`, `fix`, `start`, `set` or `x0`, for names and values that do not fit, and at
    `free` when nothing is left to find or there are fewer points than unknowns.
    """
    known = parameters_of(memristor_class(model))
    fix, start = dict(fix or {}), dict(start or {})
    chosen = None if free is None else list(free)
    for place, names in (("free", chosen or ()), ("fix", fix), ("start", start)):
        try:
            require_known(dict.fromkeys(names), known, f"parameter of {model}")
        except InputError as error:
            raise InputError(place, error.place, error.expected, error.hint) from None
    for name in fix:
        if name in (chosen or ()) or name in start:
            raise InputError(
                "fix", name, "a parameter that is fixed, or one that is free or starts somewhere, not both"
            )
    device = _device(model, parameter_set, start, fix)
    timed = measurements.traces[0].time is not None
    matter = _that_matter(device, timed)
    notes = []
    for name in chosen or ():
        if name not in matter:
            what = "current and rate" if timed else "the current: without time the rate plays no part"
            raise InputError("free", name, f"a parameter that enters {what}")
    wanted = []
    for name in known:
        if name in fix or name not in (matter if chosen is None else chosen):
            continue
        if not _has_scale(known[name], getattr(device, name)):
            if chosen is not None:
                raise InputError("free", name, "a parameter that does not start at 0", f"--start {name}=VALUE")
            notes.append(f"{name} stays 0: to fit it, give it a scale with --start {name}=VALUE")
            continue
        wanted.append(name)
    parameters = tuple(unknown(name, known[name], getattr(device, name)) for name in wanted)
    given, states = _states(measurements, x0)
    count = len(parameters) + len(states)
    if not parameters:
        raise InputError("free", ", ".join(chosen or ()), "at least one parameter to find")
    if measurements.points <= count:
        raise InputError(
            "free", count, f"fewer unknowns than the {measurements.points} points", "more data, or --fix NAME=VALUE"
        )
    order = list(known)
    return Plan(device, tuple(order.index(name) for name in wanted), parameters, given, states, tuple(notes))


def _device(
    model: str, parameter_set: str | None, start: Mapping[str, float], fix: Mapping[str, float | None]
) -> Memristor:
    """The model with its parameters at the start."""
    base = make_memristor(model, parameter_set)
    values: dict[str, Any] = {name: getattr(base, name) for name in parameters_of(base)}
    changed = {**start, **{name: value for name, value in fix.items() if value is not None}}
    try:
        return make_memristor(model, {**values, **changed})
    except InputError as error:
        name = error.place.rpartition(".")[2]
        place = "fix" if name in fix else "start" if name in start else "parameters"
        raise InputError(f"{place}.{name}", error.value, error.expected, error.hint) from None


def _that_matter(device: Memristor, timed: bool) -> set[str]:
    """The parameters the current depends on: by itself, or with time also through the state."""
    traced = trace_memristor(device)
    symbols = set(traced.current.free_symbols) | (set(traced.rate.free_symbols) if timed else set())
    return {str(symbol) for symbol in symbols} & set(parameters_of(device))


def _states(
    measurements: Measurements, x0: float | Mapping[str, float] | None
) -> tuple[tuple[float | None, ...], tuple[Unknown, ...]]:
    """For each trace its known x0 or None, and the unknowns for those that are None."""
    names = [trace.name for trace in measurements.traces]
    by_name: Mapping[str, float] = {}
    if isinstance(x0, Mapping):
        for name in x0:
            if name not in names:
                raise InputError(
                    "x0", name, f"the name of a trace: {', '.join(names) if any(names) else 'it has none'}"
                )
        by_name = x0
    elif x0 is not None:
        by_name = dict.fromkeys(names, x0)
    for value in by_name.values():
        if not 0 <= value <= 1:
            raise InputError("x0", value, "a state from 0 to 1")
    known_x = measurements.traces[0].x is not None
    if known_x and by_name:
        raise InputError("x0", x0, "no x0 beside a column x")
    given = tuple(0.0 if known_x else by_name.get(name) for name in names)
    return given, tuple(
        Unknown(f"x0[{name}]" if name else "x0", "1", 0.5, 0.0, 1.0, False, 0.1)
        for name, value in zip(names, given, strict=True)
        if value is None
    )


def plan_values(plan: Plan, z: Sequence[float] | NDArray[Any]) -> tuple[NDArray[Any], list[float]]:
    """All parameters of the model, and x0 of every trace, at the coordinates z."""
    values = [one.value(c) for one, c in zip(plan.unknowns, z, strict=True)]
    p = plan.start_values
    p[list(plan.free)] = values[: len(plan.free)]
    found = iter(values[len(plan.free) :])
    return p, [next(found) if known is None else known for known in plan.x0]
