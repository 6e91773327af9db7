"""A trained denoiser as a source: its own loss in training, the held-out denoising loss as the measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.held_out import HeldOut
from ...training.load_run import load_run
from ...training.model import TrainedModel
from ...training.step import ExampleSource, losses
from .pictures import SourcePictures

CPU = torch.device("cpu")


@dataclass(eq=False)
class Denoising:
    """See `Source`. Norms keep the statistics they have: those are part of templates and readouts."""

    model: TrainedModel
    name: str
    pictures: SourcePictures
    measure: ClassVar[str] = "loss"
    base_steps: ClassVar[int] = 0
    examples: ExampleSource = field(init=False)
    held_out: HeldOut = field(init=False)

    def __post_init__(self) -> None:
        if self.model.autoencoder is not None:
            raise InputError("source.model", self.name, "a model that works on pixels", "this one does on latents")
        config, spec = self.model.config, self.pictures.spec
        changes = {"batch": spec.batch, "accumulate": 1, "shifts": spec.shifts, "flips": False}
        training = config.training.model_copy(update=changes)
        seeded = config.seed.model_copy(update={"data": self.pictures.seed, "noise": self.pictures.seed})
        config = config.model_copy(update={"training": training, "seed": seeded})
        self.network = self.model.network.requires_grad_(True).eval()
        self.examples = ExampleSource(config, self.pictures.data)
        self.held_out = HeldOut(config, self.pictures.data_test)

    def base_rate(self, step: int) -> float:
        """See `Source`: there are no such steps."""
        raise AssertionError(step)

    def loss(self, step: int) -> Tensor:
        """See `Source`."""
        config = self.examples.config
        return losses(config.process, self.network, self.examples.of_step(step), CPU).mean()

    @torch.no_grad()
    def scores(self) -> Tensor:
        """The loss of each held-out picture, always at the same time and with the same noise."""
        config, examples = self.examples.config, self.held_out.examples
        parts = (examples.part(k, k + 64) for k in range(0, len(examples.x0), 64))
        return torch.cat([losses(config.process, self.network, part, CPU) for part in parts]).double()

    def about(self) -> dict[str, Any]:
        """See `Source`."""
        return {
            "model": self.name,
            "weights": self.model.about.get("weights", {}).get("sha256"),
            "data": self.pictures.about(),
        }


def open_denoising(name: str, pictures: SourcePictures) -> Denoising:
    """The model of this name. Raises InputError when there is none, or it draws other pictures."""
    try:
        model = load_run(name)
    except InputError as error:
        raise error if error.file else error.at("source.model") from None
    if model.picture != pictures.data.picture:
        raise InputError("source.model", name, f"a model of pictures {pictures.data.picture}", f"{model.picture}")
    return Denoising(model, name, pictures)
