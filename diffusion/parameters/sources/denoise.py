"""A trained denoiser as a source: its own loss in training, the held-out denoising loss as the measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from ....devices.errors import InputError, did_you_mean
from ...models import model_folder, model_names
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
        """See `Source`. Of the test split so many pictures are said to be there as are measured with."""
        data = {**self.pictures.about(), "test": len(self.held_out.examples.x0)}
        return {"model": self.name, "weights": self.model.about["weights"]["sha256"], "data": data}


def open_denoising(name: str, folder: Path, pictures: SourcePictures) -> Denoising:
    """The shipped model of this name, or that of the run in the folder.

    Raises InputError when there is none, or it was not trained, to the end, with the pictures that are said to be for
    training, all of them, as they are.
    """
    try:
        model = load_run(model_folder(name) if name in model_names() else folder)
    except InputError as error:
        if error.file:
            raise
        hint = error.hint if folder.is_dir() else did_you_mean(name, model_names())
        raise InputError("source.model", name, error.expected, hint) from None
    if model.autoencoder is not None:
        raise InputError("source.model", name, "a model that works on pixels", "this one does on latents")
    if "weights" not in model.about:
        hint = "while it goes on its weights change"
        raise InputError("source.model", name, "a shipped model, or a run that has ended", hint)
    was, now = model.about["data"], pictures.about()
    if was["name"] != now["name"]:
        raise InputError("data.name", now["name"], f"{was['name']}, which {name} was trained with")
    if was["files"] != now["files"]:
        raise InputError("data.folder", now["files"], f"the files {name} was trained with: {was['files']}")
    if pictures.spec.held_out:
        hint = f"{name} was trained with all pictures of the train split"
        raise InputError("data.held_out", pictures.spec.held_out, "0 with `source.model`", hint)
    return Denoising(model, name, pictures)
