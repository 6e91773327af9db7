"""Field types of the spec: quantities with units, sources of values, whole numbers within limits."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...devices.errors import InputError, did_you_mean
from ..sources import parse_source
from .quantity import parse_quantity


class Section(BaseModel):
    """A mapping in the spec: frozen, with known keys only, nothing converted silently."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        keys = ", ".join(cls.model_fields)
        if not isinstance(data, dict):
            raise InputError("", data, f"a mapping with the keys {keys}")
        for key in data:
            if key not in cls.model_fields:
                name = key if isinstance(key, str) else repr(key)
                hint = did_you_mean(str(key), cls.model_fields)
                raise InputError(
                    name[:60], data[key], f"no such key here, but one of {keys}", hint if "did" in hint else ""
                )
        return data


def quantity(unit: str, low: float, high: float) -> BeforeValidator:
    """Reads a quantity of this unit, from `low` to `high` in base units: text or a bare number."""

    def parse(value: Any) -> float:
        number = parse_quantity(value, unit)
        if not low <= number <= high:
            shown = "" if unit == "1" else f" {unit}"
            raise InputError("", value, f"a value from {low:g} to {high:g}{shown}")
        return number

    return BeforeValidator(parse)


def optional_quantity(unit: str, low: float, high: float) -> BeforeValidator:
    """As `quantity`, or null."""
    parse = quantity(unit, low, high).func
    return BeforeValidator(lambda value: None if value is None else parse(value))  # type: ignore[call-arg]


def source(low: float, high: float, allow_input: bool, allow_batch: bool = False) -> BeforeValidator:
    """Reads the form of a source of values from `low` to `high`."""
    return BeforeValidator(
        lambda value: parse_source(value, low=low, high=high, allow_input=allow_input, allow_batch=allow_batch)
    )


def whole(low: int, high: int) -> Any:
    """Demands a whole number from `low` to `high`."""
    return Field(ge=low, le=high)
