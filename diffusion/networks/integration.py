"""How accurately a network's arrays are integrated, as training goes on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import model_validator

from ...circuits.spec.fields import Section, quantity, whole
from ...devices.errors import InputError
from ..layers import Adaptive, FixedSteps, Integration


class IntegrationSpec(Section):
    """Equal steps of a method (`dopri5`: chosen by the error) until this share of the training has passed."""

    method: Literal["euler", "heun", "bs3", "rk4", "dopri5"] = "heun"
    steps: Annotated[int, whole(1, 10000)] = 2
    rtol: Annotated[float, quantity("1", 1e-10, 0.1)] = 1e-5
    atol: Annotated[float, quantity("1", 1e-12, 0.1)] = 1e-6
    until: Annotated[float, quantity("1", 0.0, 1.0)] = 1.0

    @model_validator(mode="after")
    def _fits(self) -> IntegrationSpec:
        adaptive = self.method == "dopri5"
        for key in self.model_fields_set & ({"steps"} if adaptive else {"rtol", "atol"}):
            raise InputError(key, getattr(self, key), f"no {key} with method: {self.method}")
        return self

    def integration(self) -> Integration:
        """The layers' form of it."""
        if self.method == "dopri5":
            return Adaptive("dopri5", self.rtol, self.atol)
        return FixedSteps(self.method, self.steps)


def parse_plan(value: Any) -> Any:
    """A mapping, or a list of mappings with rising `until`, the last 1."""
    parts = value if isinstance(value, list) else [value]
    if not parts:
        raise InputError("", value, "a mapping such as {method: heun, steps: 2}, or a list of them")
    plan = []
    for k, part in enumerate(parts):
        place = f"[{k}]" if isinstance(value, list) else ""
        try:
            plan.append(part if isinstance(part, IntegrationSpec) else IntegrationSpec.model_validate(part))
        except InputError as error:
            raise error.at(place) from None
    shares = [part.until for part in plan]
    if any(a >= b for a, b in zip(shares, shares[1:], strict=False)) or shares[-1] != 1.0:
        raise InputError("", shares, "`until` rising to 1, which is the last one's default")
    return tuple(plan)
