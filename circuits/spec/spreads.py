"""Spreads in a spec: `5%`, or {local: 5%, common: 2%}."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from ...devices.errors import InputError
from ...devices.variability.spread import Spread
from .quantity import parse_quantity

FORM = "a relative standard deviation such as 5%, or {local: .., common: ..}"


def spread(value: Any, place: str = "") -> Spread:
    """The spread a spec gives. Raises InputError."""
    if isinstance(value, Spread):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float, str, dict)):
        raise InputError(place, value, FORM)
    given = value if isinstance(value, dict) else {"local": value}
    for name in given:
        if name not in ("local", "common"):
            raise InputError(f"{place}.{name}" if place else str(name), given[name], FORM)
    try:
        return Spread(**{name: parse_quantity(number, "1") for name, number in given.items()})
    except InputError as error:
        raise error.at(place) if place else error from None


SpreadField = Annotated[Spread, BeforeValidator(spread)]
