"""A cell whose parameters are arrays: for its equations between the steps of a run, in numpy."""

from __future__ import annotations

import copy
from typing import Any

from ..array import CellArray
from ..cells import CellCircuit


def own_cell(array: CellArray, in_time: bool = False) -> CellCircuit:
    """The array's cell with what every cell has of its own, (chips, channels, rows, columns), in place of numbers;
    `in_time`: for states at several times, (chips, 1, channels, rows, columns)."""
    given = dict(array.own.parameters) if array.own is not None else {}
    if in_time:
        given = {name: values[:, None] for name, values in given.items()}
    return _with(array.cell, given) if given else array.cell


def _with(owner: Any, values: Any) -> Any:
    """A copy with these values by flat name; parts that have some are copied likewise."""
    found = copy.copy(owner)
    for name, part in vars(owner).items():
        inner = {key.removeprefix(f"{name}_"): value for key, value in values.items() if key.startswith(f"{name}_")}
        if name in values:
            object.__setattr__(found, name, values[name])
        elif inner and hasattr(part, "__dataclass_fields__"):
            object.__setattr__(found, name, _with(part, inner))
    return found
