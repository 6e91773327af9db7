"""Physical quantities in specs: `1nF`, `10us`, `1kOhm`, `13V/us`, or a bare number in SI base units."""

from __future__ import annotations

import math
import re
from typing import Any

from quantiphy import InvalidNumber, Quantity

from ...devices.errors import InputError

SPELLINGS = {"ohm": "Ohm", "ohms": "Ohm", "Ohms": "Ohm", "\u03a9": "Ohm", "\u2126": "Ohm", "sec": "s", "hz": "Hz"}
EXAMPLES = {
    "F": "1nF", "Ohm": "1kOhm", "V": "0.1V", "s": "10us", "Hz": "3MHz", "V/s": "13V/us", "S": "1mS", "A": "1uA",
    "W": "40uW", "K": "300K", "V/K": "18uV/K", "1/K": "5e-5/K",
}  # fmt: skip
_LETTERS = "A-Za-z\u00b5\u03bc\u03a9\u2126"
_FACTOR = rf"[{_LETTERS}]+(?:\^-?[0-9]+)?"
_UNIT = rf"{_FACTOR}(?:[.*]{_FACTOR})*"
_FORM = re.compile(
    rf"(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    rf"(?:\s+1(?=\s*/)|\s*(?P<unit>{_UNIT}))?(?:\s*/\s*(?P<per>{_UNIT}))?"
)
"""A number, then perhaps a unit with a prefix: quantiphy alone would also read `1,5` as 15, `1/2` as 1/12 and
names of constants of nature."""


def parse_quantity(value: Any, unit: str) -> float:
    """The value in SI base units of the given unit ("V", "Ohm", "V/s", ...; "1" for a pure number,
    which may be written as `5%`).

    Takes a number (already in base units) or text with an SI prefix and unit. Raises InputError for
    anything else, for another dimension and for non-finite values.
    """
    expected = _expected(unit)
    if unit.endswith("/K") and isinstance(value, str) and re.search(r"/\s*K\s*$", value):
        try:  # alone, K is the prefix kilo
            return parse_quantity(value[: value.rindex("/")], unit[:-2])
        except InputError as error:
            raise InputError("", value, expected, error.hint) from None
    if unit == "1" and isinstance(value, str) and value.count("%") == 1 and value.rstrip()[-1] == "%":
        return parse_quantity(value.rstrip()[:-1], unit) / 100.0
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InputError("", value, expected)
    if isinstance(value, str):
        # alone, K is the prefix kilo
        text = re.sub(r"(?<=[0-9.\s])K\s*$", "", value) if unit == "K" else value
        number, found = _read(text, expected)
        if found and found != unit:
            raise InputError("", value, expected, f"{found} is not {unit}" if unit != "1" else "it has no unit")
    else:
        number = _as_float(value, expected)
    if not math.isfinite(number):
        raise InputError("", value, expected, "it must be finite")
    return number


def parse_any_quantity(value: Any) -> float:
    """As `parse_quantity`, whatever the unit: for parameters of the user's own equations."""
    return parse_quantity(value, unit_of(value) or "1")


def unit_of(value: Any) -> str:
    """The unit that a text has without its prefix, such as `V/s` for `13V/us`; empty: none. Raises InputError."""
    return _read(value, "a number or a quantity such as 2.5mS")[1] if isinstance(value, str) else ""


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
    """The number in base units and the unit, as `V/s` for `13V/us` and `1/s` for `5/s`."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise InputError("", text, expected)
    try:
        # quantiphy takes no prefix after an exponent, and makes 1e3kOhm a thousand of the unit kOhm
        exponent = "e" in form["number"].lower()
        top = Quantity(f"{1 if exponent else form['number']} {form['unit'] or ''}")
        number, unit = float(top), _spelling(top.units)
        if exponent:
            number *= float(form["number"])
        if form["per"]:
            bottom = Quantity("1" + form["per"])
            number, unit = number / float(bottom), f"{unit or '1'}/{_spelling(bottom.units)}"
    except (InvalidNumber, ValueError, OverflowError, ZeroDivisionError):
        raise InputError("", text, expected) from None
    return number, unit


def _spelling(unit: str) -> str:
    return SPELLINGS.get(unit, unit)
