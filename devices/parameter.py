"""Parameters of devices and cells: each with its unit, meaning, valid range and source."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InputError, did_you_mean


@dataclass(frozen=True)
class Parameter:
    """What is known about one parameter besides its value. The range includes its ends."""

    unit: str
    meaning: str
    low: float
    high: float
    source: str

    def check(self, name: str, value: Any) -> float:
        """The value as a float; InputError when it is no finite number of the valid range."""
        expected = f"a number from {self.low:g} to {self.high:g}"
        if self.unit != "1":
            expected += f" {self.unit}"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(name, value, expected)
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise InputError(name, value, expected, self.meaning)
        return float(value)


def parameter(
    default: float,
    unit: str,
    meaning: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    source: str = "",
) -> Any:
    """A dataclass field that is a device parameter: `Gm: float = parameter(0.025, "S", ...)`."""
    info = Parameter(unit, meaning, low, high, source)
    return dataclasses.field(default=default, metadata={"parameter": info})


def parameters_of(owner: Any) -> dict[str, Parameter]:
    """The parameters of a device or cell (class or instance) by name, in the order declared."""
    return {
        field.name: field.metadata["parameter"] for field in dataclasses.fields(owner) if "parameter" in field.metadata
    }


def flat_parameters(owner: Any, prefix: str = "") -> dict[str, float]:
    """The values of all parameters, those of components held in fields too (`memristor_Gm`): the
    arguments of generated code, in its order."""
    values: dict[str, float] = {}
    for field in dataclasses.fields(owner):
        value = getattr(owner, field.name)
        if "parameter" in field.metadata:
            values[prefix + field.name] = value
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            values |= flat_parameters(value, f"{prefix}{field.name}_")
    return values


def check_parameters(owner: Any) -> None:
    """Check every parameter of a frozen dataclass instance and store it as a float."""
    for name, info in parameters_of(owner).items():
        object.__setattr__(owner, name, info.check(name, getattr(owner, name)))


def require_less(owner: Any, smaller: str, larger: str) -> None:
    """InputError unless the first parameter is less than the second."""
    low, high = getattr(owner, smaller), getattr(owner, larger)
    if not low < high:
        raise InputError(smaller, low, f"a number less than {larger} = {high:g}")


def require_known(given: Mapping[str, Any], known: Mapping[str, Any], kind: str) -> None:
    """InputError for the first given name that is not a known one."""
    for name in given:
        if name not in known:
            raise InputError(str(name), given[name], f"a {kind}", did_you_mean(str(name), known))
