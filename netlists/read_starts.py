"""How a deck's cells start, and the input where it starts them: as the one `initial`, `x0` and `input` of a spec."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuits.array import Array
from ..devices.errors import MISSING
from .read_description import Description
from .read_lines import Line, Netlist
from .read_values import Volts, neighbours, solve, value_of


@dataclass
class Start:
    """A start of every cell, (channels, rows, columns), and whether it is the layer's input."""

    values: Array
    is_input: bool
    lines: list[Line]
    """The cells' lines, for messages: one each."""


def _read(netlist: Netlist, layer: int, shape: tuple[int, int, int], state: str) -> Start:
    """The start `v0` or `x0` of a layer's cells [V, 1]; that of a later layer may be its input."""
    values, lines = [], []
    for place in np.ndindex(shape):
        name = "X" + "_".join(map(str, (layer, *place)))
        line = netlist.element(name, "the cell")
        given = line.assignments()
        if state not in given:
            raise line.error(MISSING, f"{state}=NUMBER")
        values.append(value_of(line, given[state], hint=f"the start of {state[0]}"))
        lines.append(line)
    follows = ("esv" if state == "v0" else "bsx") + f"_{layer}_0_0_0"
    return Start(np.array(values).reshape(shape), follows in netlist.elements, lines)


def read_starts(netlist: Netlist, described: Description, state: str, volts: Volts) -> list[Start]:
    """The starts of all layers, voltages normalised, each within its range."""
    low = -1.0 if state == "v0" else 0.0
    found = []
    for k, layer in enumerate(described.layers):
        start = _read(netlist, k, (layer.channels, described.grid.rows, described.grid.columns), state)
        if state == "v0":
            start.values = volts.planes(start.values)
        for line, value in zip(start.lines, start.values.ravel().tolist(), strict=True):
            if not low <= value <= 1:
                unit = f" times V1, {volts.v1:g} V" if state == "v0" else ""
                raise line.error(line.assignments()[state], f"{state} from {low:g} to 1{unit}")
        found.append(start)
    return found


def as_state(u: Any) -> Any:
    """The memristor's start that an input stands for, as `CellArray.start` has it."""
    return 0.5 * (np.clip(u, -1, 1) + 1)


def fill_input(planes: Array, described: Description, start: Start, state: Start | None) -> Array:
    """The input, where no source tells it, from the starts that were it; else 0."""
    layer, missing = described.layers[0], np.isnan(planes)
    if not missing.any():
        return planes
    known = np.zeros(planes.shape)
    if layer.initial == "input":
        known = np.broadcast_to(start.values[: len(planes)], planes.shape)
    elif layer.x0 == "input" and state is not None:
        back = [solve(as_state, x, 2 * x - 1) for x in state.values[: len(planes)].ravel().tolist()]
        known = np.array(back).reshape(planes.shape)
    return np.where(missing, known, planes)


def settle_input(planes: Array, states: Array, volts: Volts) -> Array:
    """The input, where its volts leave its last digit open, as the memristor's start has it."""
    if len(planes) not in (1, len(states)):
        return planes
    settled = planes.copy()
    for place in map(tuple, np.argwhere(as_state(planes) != states[: len(planes)])):
        u, x = float(planes[place]), states[place]
        fits = (near for near in neighbours(u) if near * volts.v1 == u * volts.v1 and as_state(near) == x)
        settled[place] = next(fits, u)
    return settled


def joint_start(
    starts: list[Start], planes: Array, same: Callable[[Array, Array], Any], first_is_input: bool, key: str
) -> Any:
    """The one start a spec has for all layers, as it writes it. Raises InputError where layers differ."""
    first = starts[0]
    fits = len(planes) in (1, len(first.values))
    first.is_input = first_is_input and fits and bool(same(planes, first.values).all())
    for start in starts[1:]:
        if start.is_input != first.is_input:
            hint = f"a spec has one `{key}` for all layers"
            expected = "a start like that of the first layer: " + ("its input" if first.is_input else "numbers")
            raise start.lines[0].error("another start", expected, hint)
    if first.is_input:
        return "input"
    widest = max((start.values for start in starts), key=len)
    if (widest == widest[:1]).all():
        widest = widest[:1]
    for start in starts:
        _require_equal(start, widest, key)
    return compact(widest)


def _require_equal(start: Start, planes: Array, key: str) -> None:
    """InputError, naming the cell, where a layer does not start as the spec's one start says."""
    fits = len(planes) in (1, len(start.values))
    differs = (np.broadcast_to(planes, start.values.shape) != start.values).ravel() if fits else np.array([True])
    if differs.any():
        line: Line = start.lines[int(differs.argmax())]
        raise line.error(line.text, f"the start the other layers have: a spec has one `{key}` for all layers")


def compact(planes: Array) -> Any:
    """Planes (channels, rows, columns) as a spec writes them: a number, rows and columns of one channel, or all."""
    flat = planes.ravel().tolist()
    if len({repr(number) for number in flat}) == 1:
        return flat[0]
    return planes[0].tolist() if len(planes) == 1 else planes.tolist()
