"""The `hardware` section of a spec: what sets real arrays apart from ideal ones, each effect off when absent."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from ...devices.errors import InputError
from ..noise import ThermalNoise
from .fields import Section, quantity

NOT_YET = ("mismatch", "programming", "quantisation", "converters", "drift", "faults")
"""Effects the schema names and this version does not simulate."""


class NoiseSpec(Section):
    """Thermal noise of resistors and memristors."""

    temperature: Annotated[float, quantity("K", 0.0, 2000.0)] = 300.0


def _switch(value: Any) -> Any:
    """`true` for an effect with its defaults, `false` for none."""
    if isinstance(value, bool):
        return {} if value else None
    if value is not None and not isinstance(value, dict):
        raise InputError("", value, "true, false or {temperature: 300 K}")
    return value


class HardwareSpec(Section):
    """The effects that are on."""

    noise: Annotated[NoiseSpec | None, BeforeValidator(_switch)] = None

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        for name in NOT_YET:
            if isinstance(data, dict) and name in data:
                keys = ", ".join(cls.model_fields)
                raise InputError(name, data[name], f"no such key here, but {keys}", f"this version has no {name} yet")
        return super()._known_keys(data)  # type: ignore[operator]

    def thermal_noise(self) -> ThermalNoise | None:
        """The noise as circuits know it; None when it is off."""
        return None if self.noise is None else ThermalNoise(self.noise.temperature)
