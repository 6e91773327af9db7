"""The `cell.op_amp` section of a spec."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from pydantic import BeforeValidator

from ...devices.errors import InputError
from ...devices.op_amp import OpAmp
from ...devices.parameter import Parameter, parameters_of
from .fields import Section, quantity
from .quantity import parse_quantity

KNOWN: dict[str, Parameter] = parameters_of(OpAmp)
DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(OpAmp)}


def _quantity(name: str, unit: str = "") -> BeforeValidator:
    return quantity(unit or KNOWN[name].unit, KNOWN[name].low, KNOWN[name].high)


def _rails(value: Any) -> tuple[float, float]:
    """[low, high], each with its own place in the error."""
    form = "the lower and the upper rail, such as [-12V, 12V]"
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InputError("", value, form)
    rails = []
    for k, name in enumerate(("low_rail", "high_rail")):
        try:
            rail = parse_quantity(value[k], "V")
            known = KNOWN[name]
            if not known.low <= rail <= known.high:
                raise InputError("", value[k], f"a value from {known.low:g} to {known.high:g} V", form)
        except InputError as error:
            raise error.at(f"[{k}]") from None
        rails.append(rail)
    return rails[0], rails[1]


class OpAmpSpec(Section):
    """The three amplifiers of every cell, as a data sheet describes them."""

    A0: Annotated[float, _quantity("A0")] = DEFAULTS["A0"]
    GBW: Annotated[float, _quantity("GBW")] = DEFAULTS["GBW"]
    slew_rate: Annotated[float, _quantity("slew_rate")] = DEFAULTS["slew_rate"]
    rails: Annotated[tuple[float, float], BeforeValidator(_rails)] = (DEFAULTS["low_rail"], DEFAULTS["high_rail"])
    offset: Annotated[float, _quantity("offset")] = DEFAULTS["offset"]
    output_resistance: Annotated[float, _quantity("output_resistance")] = DEFAULTS["output_resistance"]
    noise: Annotated[float, _quantity("noise", "V/sqrtHz")] = DEFAULTS["noise"]

    def device(self) -> OpAmp:
        """The macro-model with these values."""
        low, high = self.rails
        return OpAmp(self.A0, self.GBW, self.slew_rate, low, high, self.offset, self.output_resistance, self.noise)
