"""HARDWARE.yaml: the chip a network is deployed to, and how its runs are simulated."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ValidationError, field_validator

from ...circuits.spec.fields import Section, quantity, whole
from ...circuits.spec.hardware import HardwareSpec
from ...circuits.spec.messages import input_error, on_one_line
from ...circuits.spec.models import SeedSpec
from ...circuits.spec.yaml_file import line_of, parse_yaml, read_text, steps_of
from ...devices.errors import InputError
from ..measures.samples import LEAST
from .calibration import Correct
from .cost.assumptions import CostSpec
from .run import Integration


class IntegrationSpec(Section):
    """Equal steps of a run; thermal noise joins in between."""

    method: Literal["rk4", "heun", "euler"] = "rk4"
    steps: Annotated[int, whole(1, 10_000)] = 2
    precision: Literal["single", "double"] = "single"


class CalibrationSpec(Section):
    """What the converters' ranges are measured on: noised pictures of the data the network learned from."""

    pictures: Annotated[int, whole(1, 100_000)] = 64
    share: Annotated[float, quantity("1", 0.5, 1.0)] = 0.9999
    """Of the values that lie within the range; the rest is clipped."""
    correct: Correct = "nothing"
    """Whose gain, offset and bias are measured and set, on this chip: of `channels`, of `cells`, or nothing."""


class AblationSpec(Section):
    """What each effect is judged by."""

    pictures: Annotated[int, whole(1, 100_000)] = 32
    """Noised ones, which the network answers."""
    samples: Annotated[int, whole(0, 1_000_000)] = 0
    """Generated ones for each case, whose Frechet distance is told; 0: none, as that takes long."""

    @field_validator("samples", mode="after")
    @classmethod
    def _enough(cls, samples: int) -> int:
        if 0 < samples < LEAST:
            raise InputError("", samples, f"0, or {LEAST} and more: fewer say nothing of a distribution")
        return samples


class DeploymentSpec(Section):
    """A chip, its seeds, and how it is simulated."""

    cellnn: Literal[1]
    name: str = ""
    hardware: HardwareSpec = HardwareSpec()
    integration: IntegrationSpec = IntegrationSpec()
    calibration: CalibrationSpec = CalibrationSpec()
    ablation: AblationSpec = AblationSpec()
    cost: CostSpec = CostSpec()
    seed: SeedSpec = SeedSpec()

    @field_validator("cellnn", mode="before")
    @classmethod
    def _version(cls, value: Any) -> Any:
        if type(value) is not int or value != 1:
            raise InputError("", value, "1, the version of the schema this program reads")
        return value

    def steps(self, threads: int | None) -> Integration:
        """As arrays know it."""
        how = self.integration
        return Integration(how.method, how.steps, how.precision, threads)


@dataclass(frozen=True)
class HardwareText:
    """A deployment with the text it was read from."""

    spec: DeploymentSpec
    text: str


def read_hardware(path: str | os.PathLike[str]) -> HardwareText:
    """Read a HARDWARE.yaml. Raises InputError that names line, place, value and the way out."""
    text = read_text(Path(path))
    try:
        return HardwareText(_checked(parse_yaml(text)), text)
    except InputError as error:
        line = line_of(text, steps_of(error.place)) if error.place else None
        raise on_one_line(error, f"{path}, line {line}" if line else str(path)) from None


def _checked(document: Any) -> DeploymentSpec:
    try:
        return DeploymentSpec.model_validate(document)
    except ValidationError as error:
        raise input_error(error) from None
    except UnicodeEncodeError as error:
        raise InputError("", error.object, "text of valid characters") from None
