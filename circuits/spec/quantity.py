"""Physical quantities in specs: `1nF`, `10us`, `1kOhm`, `13V/us`, or a bare number in SI base units."""

from __future__ import annotations

import math
from typing import Any

from quantiphy import InvalidNumber, Quantity

from ...devices.errors import InputError

SPELLINGS = {"ohm": "Ohm", "ohms": "Ohm", "Ohms": "Ohm", "\u03a9": "Ohm", "\u2126": "Ohm", "sec": "s", "hz": "Hz"}
EXAMPLES = {
    "F": "1nF", "Ohm": "1kOhm", "V": "0.1V", "s": "10us", "Hz": "3MHz", "V/s": "13V/us", "S": "1mS", "A": "1uA",
    "W": "40uW",
}  # fmt: skip


def parse_quantity(value: Any, unit: str) -> float:
    """The value in SI base units of the given unit ("V", "Ohm", "V/s", ...; "1" for a pure number).

    Takes a number (already in base units) or text with an SI prefix and unit. Raises InputError for
    anything else, for another dimension and for non-finite values.
    """
    expected = _expected(unit)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InputError("", value, expected)
    if isinstance(value, str):
        number, found = _read(value, expected)
        if found and found != unit:
            raise InputError("", value, expected, f"{found} is not {unit}" if unit != "1" else "it has no unit")
    else:
        number = _as_float(value, expected)
    if not math.isfinite(number):
        raise InputError("", value, expected, "it must be finite")
    return number


def parse_any_quantity(value: Any) -> float:
    """As `parse_quantity`, whatever the unit: for parameters of the user's own equations."""
    if isinstance(value, str):
        _, unit = _read(value, "a number or a quantity such as 2.5mS")
        return parse_quantity(value, unit or "1")
    return parse_quantity(value, "1")


def _expected(unit: str) -> str:
    if unit == "1":
        return "a number"
    return f"a quantity in {unit}, such as {EXAMPLES[unit]}" if unit in EXAMPLES else f"a quantity in {unit}"


def _as_float(value: float, expected: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InputError("", value, expected, "it must be finite") from None


def _read(text: str, expected: str) -> tuple[float, str]:
    """The number in base units and the unit, as `V/s` for `13V/us`."""
    numerator, slash, denominator = text.strip().partition("/")
    try:
        top = Quantity(numerator)
        number, unit = float(top), _spelling(top.units)
        if slash:
            bottom = Quantity("1" + denominator.strip())
            number, unit = number / float(bottom), f"{unit}/{_spelling(bottom.units)}"
    except (InvalidNumber, ValueError, OverflowError, ZeroDivisionError):
        raise InputError("", text, expected) from None
    return number, unit


def _spelling(unit: str) -> str:
    return SPELLINGS.get(unit, unit)
