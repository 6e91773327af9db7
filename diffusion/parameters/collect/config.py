"""The config of a collection, schema version 1."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints, field_validator, model_validator

from ....circuits.spec.fields import Section, quantity, whole
from ....devices.errors import InputError
from ...training.config import Count, Seed
from ...training.read_config import ConfigText, check_as, read_as
from ..chips.spec import ChipsSpec
from ..sources.spec import PicturesSpec, SourceSpec


def _names(value: Any) -> Any:
    if isinstance(value, list) and value and all(isinstance(name, str) and name for name in value):
        return tuple(value)
    raise InputError("", value, "a list of names of parameters, or of parts of the network")


class CollectSeeds(Section):
    """One seed per purpose."""

    weights: Seed = 0
    data: Seed = 1


class CollectConfig(Section):
    """What is collected: `checkpoints` of `parameters`, one every so many steps at a constant learning rate."""

    cellnn: Literal[1]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._\-]*$", max_length=100)]
    source: SourceSpec
    data: PicturesSpec = PicturesSpec()
    parameters: Annotated[tuple[str, ...], BeforeValidator(_names)]
    checkpoints: Annotated[int, whole(1, 100_000)] = 300
    every: Count = 4
    """Steps between two checkpoints."""
    settle: Annotated[int, whole(0, 1_000_000)] = 100
    """Steps at the constant rate before the first checkpoint: what the change of the rate does has then passed."""
    learning_rate: Annotated[float, quantity("1", 1e-12, 1e3)] = 5e-3
    save_every: Count = 100
    """Steps after which what was done so far is kept on the disk."""
    chips: ChipsSpec | None = None
    """Parameters of as many simulated chips as there would be checkpoints."""
    seed: CollectSeeds = CollectSeeds()

    @field_validator("cellnn", mode="before")
    @classmethod
    def _version(cls, value: Any) -> Any:
        if type(value) is not int or value != 1:
            raise InputError("", value, "1, the version of the schema this program reads")
        return value

    @model_validator(mode="after")
    def _fits_chips(self) -> CollectConfig:
        if self.chips is None:
            return self
        if self.source.collected is None:
            given = "a model" if self.source.classifier is None else "an untrained classifier"
            hint = "collect its parameters first, without chips, then `collected: FILE.safetensors`"
            raise InputError("source", given, "the trained classifier of a collection, with chips", hint)
        for name in ("every", "settle", "learning_rate", "save_every"):
            if name in self.model_fields_set:
                hint = "how chips are fine-tuned stands in `chips`"
                raise InputError(name, getattr(self, name), f"no {name} with chips", hint)
        return self


def read_collect_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> ConfigText[CollectConfig]:
    """A config from a YAML file, or from the same keys and values as a mapping. Raises InputError for bad ones."""
    return read_as(source, lambda document: check_as(document, CollectConfig))
