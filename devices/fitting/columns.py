"""The header of a file of measurements: which column is what, in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError, did_you_mean

PREFIXES = {
    "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "\u00b5": 1e-6, "\u03bc": 1e-6, "m": 1e-3, "": 1.0,
    "k": 1e3, "M": 1e6, "G": 1e9,
}  # fmt: skip
UNITS = {"time": "s", "voltage": "V", "current": "A", "x": "1"}
"""The quantities, and their SI units."""
SHORT = {"t": "time", "v": "voltage", "i": "current", "state": "x"}
EXAMPLE = "such as `time [s], voltage [V], current [A]`"

_FORM = re.compile(r"(?P<name>[^\[\]()]*?)\s*(?:[\[(]\s*(?P<unit>[^\[\]()]*?)\s*[\])])?\s*")


@dataclass(frozen=True)
class Header:
    """Where each quantity stands, and by what to multiply it for SI units; the columns nobody asked for."""

    places: dict[str, int]
    factors: dict[str, float]
    ignored: tuple[str, ...]
    width: int


def read_header(cells: list[str]) -> Header:
    """The header of these cells: names with units in brackets, in any order.

    Raises InputError, at `header`, when voltage or current is missing, a name stands twice, a unit is missing or of
    another quantity, and when the cells are no names at all.
    """
    if all(_is_number(cell) for cell in cells):
        raise InputError("header", ",".join(cells), "names with units, " + EXAMPLE, "this line holds numbers")
    places: dict[str, int] = {}
    factors: dict[str, float] = {}
    ignored = []
    for index, cell in enumerate(cells):
        form = _FORM.fullmatch(cell.strip())
        written = (form["name"] if form else cell).strip().lower()
        name = SHORT.get(written, written)
        if name not in UNITS and name != "trace":
            ignored.append(cell.strip())
            continue
        if name in places:
            raise InputError(
                "header", cell.strip(), f"one column of the {name}", f"column {places[name] + 1} is another"
            )
        places[name] = index
        factors[name] = 1.0 if name == "trace" else _factor(cell.strip(), name, form["unit"] if form else None)
    for name in ("voltage", "current"):
        if name not in places:
            near = next((cell for cell in ignored if did_you_mean(_FORM.sub(r"\1", cell), [name])[:3] == "did"), None)
            hint = f"is it {near!r}?" if near else EXAMPLE
            if len(cells) == 1 and re.search("[;\t]", cells[0]):
                hint = "columns are separated by commas"
            raise InputError("header", ",".join(cells), f"a column `{name} [{UNITS[name]}]`", hint)
    return Header(places, factors, tuple(cell for cell in ignored if cell), len(cells))


def _factor(cell: str, name: str, unit: str | None) -> float:
    """By what to multiply values of this column."""
    base = UNITS[name]
    if base == "1":
        if unit not in (None, "", "1"):
            raise InputError("header", cell, "x without a unit, from 0 to 1")
        return 1.0
    if not unit:
        raise InputError("header", cell, f"a unit in brackets, such as {name} [{base}]")
    if not (unit.endswith(base) and unit[: -len(base)] in PREFIXES):
        raise InputError("header", cell, f"a unit of {name}, such as [{base}] or [m{base}]")
    return PREFIXES[unit[: -len(base)]]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
