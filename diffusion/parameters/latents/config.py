"""The config of a generative model of parameters, schema version 1: what the training loop asks of one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, StringConstraints, field_validator, model_validator

from ....circuits.spec.fields import Section, quantity, whole
from ....devices.errors import InputError
from ...training.config import AutoencoderTraining, ProcessSpec, SamplingSpec, SeedSpec, TrainingSpec
from ...training.read_config import ConfigText, check_as, read_as

Noise = Annotated[float, quantity("1", 0.0, 10.0)]


def _file(value: Any) -> Any:
    if isinstance(value, str) and value:
        return value
    raise InputError("", value, "the name of a file of collected parameters")


class ParametersSpec(Section):
    """The parameters to learn from."""

    file: Annotated[str, BeforeValidator(_file)]
    """Made by `cellnn parameters collect`, or `chips`; looked up from the config's folder."""
    first: Annotated[int, whole(2, 1_000_000)] | None = None
    """Only so many of them, evenly spread: p-diff's K; null: all."""
    hold_out: Annotated[int, whole(2, 1000)] = 10
    """Every so-manieth is held out, and never learned from."""


class VectorLatentSpec(Section):
    """An autoencoder of vectors: four convolutions along the vector, then a linear layer, and the way back."""

    size: Annotated[int, whole(1, 4096)] = 64
    """Numbers in a latent."""
    width: Annotated[int, whole(1, 1024)] = 8
    """Channels of the first convolution; the next have twice, four times and four times as many."""
    parameter_noise: Noise = 0.05
    """Standard deviation of what is added to the vectors in training, in units of a number's own spread."""
    latent_noise: Noise = 0.1
    """Standard deviation of what is added to the latents in training."""
    weight: Annotated[float, quantity("1", 0.0, 1e3)] = 1e-3
    """How much the latents' mean square counts beside the reconstruction's mean squared error: without it they would
    grow away from the noise."""
    training: AutoencoderTraining = AutoencoderTraining()


class VectorNetworkSpec(Section):
    """Residual blocks of two linear layers, conditioned on the diffusion step and on what is measured."""

    block: Literal["vector"] = "vector"
    width: Annotated[int, whole(4, 8192)] = 256
    blocks: Annotated[int, whole(1, 64)] = 3
    embedding: Annotated[int, whole(4, 4096)] = 64
    cell: ClassVar[None] = None
    integration: ClassVar[tuple[()]] = ()


class ParametersConfig(Section):
    """A whole run: parameters, autoencoder, network, process, training, sampling and seeds."""

    cellnn: Literal[1]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._\-]*$", max_length=100)]
    data: ParametersSpec
    latent: VectorLatentSpec = VectorLatentSpec()
    network: VectorNetworkSpec = VectorNetworkSpec()
    process: ProcessSpec = ProcessSpec(schedule="linear", prediction="v")
    training: TrainingSpec
    sampling: SamplingSpec = SamplingSpec(sampler="ddim", steps=100)
    seed: SeedSpec = SeedSpec()
    start: ClassVar[None] = None
    hardware: ClassVar[None] = None
    classes: ClassVar[None] = None

    @field_validator("cellnn", mode="before")
    @classmethod
    def _version(cls, value: Any) -> Any:
        if type(value) is not int or value != 1:
            raise InputError("", value, "1, the version of the schema this program reads")
        return value

    @model_validator(mode="after")
    def _fits(self) -> ParametersConfig:
        for key in ("flips", "shifts", "sample_every", "tensorboard"):
            if getattr(self.training, key):
                raise InputError(f"training.{key}", getattr(self.training, key), f"no {key}: these are no pictures")
        if self.training.precision != "single":
            raise InputError("training.precision", self.training.precision, "single")
        if self.sampling.guidance != 1.0:
            raise InputError("sampling.guidance", self.sampling.guidance, "1: there are no classes")
        return self


def read_parameters_config(source: str | os.PathLike[str] | Mapping[str, Any]) -> ConfigText[ParametersConfig]:
    """A config from a YAML file, or from the same keys and values as a mapping. Raises InputError for bad ones."""
    return read_as(source, lambda document: check_as(document, ParametersConfig))
