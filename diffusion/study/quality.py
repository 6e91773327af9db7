"""How good a run is at any kept step: measures of its samples, held-out losses, both with accurate integration."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn

from ..data import ImageData
from ..layers import Adaptive, ArrayDynamics, FixedSteps, Integration
from ..measures.bootstrap import centred_interval
from ..measures.classifier import Classifier
from ..measures.evaluation import evaluate_images
from ..measures.floors import frechet_floor
from ..measures.frechet import Normal, frechet_distance, normal
from ..measures.seen import Seen, see
from ..training import TrainedModel
from ..training.held_out import HeldOut
from ..training.step import losses
from .cache import remembered
from .runs import Note, Run
from .samples import Pictures, draw, kept_pictures, pictures, samples_key, study_file
from .settings import Settings

RESAMPLES = 500
ACCURATE = Adaptive("dopri5", rtol=1e-6, atol=1e-6)
FINE = FixedSteps("rk4", 16)
"""Of cells with memristors, whose exponentials make adaptive steps take an hour where these take minutes."""
"""How arrays are integrated when the question is whether the plan's steps are part of what a network has learned."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, of `count` samples."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Accuracy:
    """The same weights with the plan's integration and with an accurate one, the same noise.

    `held_out` of each example, `frechet` of as many samples, and the root mean square of the difference of the
    pictures [half of the range from black to white].
    """

    method: str
    held_out: tuple[list[float], list[float]]
    frechet: tuple[Estimate, Estimate]
    picture_rms: float


class Judge:
    """Measures runs on one data set; everything it finds is remembered in the run's `study/`."""

    def __init__(
        self,
        data: ImageData,
        unseen: ImageData,
        classifier: Classifier,
        settings: Settings,
        note: Note = lambda text: None,
    ) -> None:
        self.data, self.unseen, self.classifier, self.settings, self.note = data, unseen, classifier, settings, note

    def report(self, run: Run, step: int) -> dict[str, Any]:
        """All measures, as `Report.as_dict` has them."""

        def compute() -> dict[str, Any]:
            images = pictures(run, step, self.settings)
            labels = None if run.config.classes is None else np.arange(len(images)) % run.config.classes
            report = evaluate_images(
                images, self.data, self.unseen, labels=labels, classifier=self.classifier, seed=0
            ).as_dict()
            self.note(f"{run.name}, step {step}: Frechet distance {report['figures']['frechet']['value']:.4g}")
            return report

        key = {**samples_key(run, step, self.settings.samples, self.settings), **self._measured_with()}
        return dict(remembered(study_file(run, f"report-{step:08d}.json"), key, compute))

    def frechet(self, run: Run, step: int) -> Estimate:
        """The Frechet distance of a snapshot's samples."""
        count = self.settings.snapshot_samples

        def compute() -> dict[str, Any]:
            drawn = kept_pictures(run, step, self.settings)
            if drawn is None or len(drawn) < count:
                drawn = draw(run.model(step, self.settings.device), count, self.settings)
            found = self._frechet(drawn[:count])
            self.note(f"{run.name}, step {step}: Frechet distance {found.value:.4g} ({count} samples)")
            return asdict(found)

        key = {**samples_key(run, step, count, self.settings), **self._measured_with()}
        return Estimate(**remembered(study_file(run, f"frechet-{step:08d}.json"), key, compute))

    def held_out(self, run: Run, step: int) -> list[float]:
        """The loss of each held-out example; their mean is what the log calls held-out loss."""

        def compute() -> list[float]:
            return held_out_losses(run.model(step, self.settings.device), self.unseen)

        key = {"weights": run.digest(step), "test": self.unseen.files, "device": self.settings.device}
        return list(remembered(study_file(run, f"held-out-{step:08d}.json"), key, compute))

    def accuracy(self, run: Run, step: int) -> Accuracy:
        """What an accurate integration changes."""
        count = min(self.settings.accurate_samples, self.settings.samples)
        how = FINE if run.source.config.network.block == "m-cellnn" else ACCURATE

        def compute() -> dict[str, Any]:
            model = run.model(step, self.settings.device)
            planned = pictures(run, step, self.settings)[:count]
            integrate_accurately(model.network, how)
            accurate = draw(model, count, self.settings)
            found = Accuracy(
                f"{how.method}, " + (f"rtol {how.rtol:g}" if isinstance(how, Adaptive) else f"{how.steps} steps"),
                (self.held_out(run, step), held_out_losses(model, self.unseen)),
                (self._frechet(planned), self._frechet(accurate)),
                float(np.sqrt(np.square(planned - accurate, dtype=np.float64).mean())),
            )
            self.note(f"{run.name}, step {step}: {found.method} changes pictures by {found.picture_rms:.2g}")
            return asdict(found)

        key = {**samples_key(run, step, count, self.settings), **self._measured_with(), "integration": settings_of(how)}
        found = remembered(study_file(run, f"accuracy-{step:08d}.json"), key, compute)
        planned, accurate = found["frechet"]
        return Accuracy(
            found["method"], tuple(found["held_out"]), (Estimate(**planned), Estimate(**accurate)), found["picture_rms"]
        )

    def floor(self, count: int) -> float:
        """The Frechet distance of so many of the data's own pictures (at most half of them) from the rest."""
        return frechet_floor(self._seen.features, count, np.random.default_rng([0, count])).value

    def _frechet(self, images: Pictures) -> Estimate:
        features = see(self.classifier.network, torch.from_numpy(images), None).features
        value = frechet_distance(features, self._reference)
        rng = np.random.default_rng([0, len(features)])
        low, high = centred_interval(
            value, lambda chosen: frechet_distance(chosen, self._reference), features, rng, RESAMPLES
        )
        return Estimate(value, low, high, len(features))

    @cached_property
    def _reference(self) -> Normal:
        return normal(self._seen.features)

    @cached_property
    def _seen(self) -> Seen:
        return see(self.classifier.network, self.data.normalised(), None)

    def _measured_with(self) -> dict[str, Any]:
        files = {**self.data.files, **self.unseen.files}
        return {"classifier": self.classifier.description.sha256, "data": files, "compared": len(self.data)}


def settings_of(how: Integration) -> dict[str, Any]:
    """What a measurement with it depends on."""
    if isinstance(how, Adaptive):
        return {"method": how.method, "rtol": how.rtol, "atol": how.atol}
    return {"method": how.method, "steps": how.steps}


def integrate_accurately(network: nn.Module, how: Integration = ACCURATE) -> None:
    """All arrays in this way, in place of the plan's last method."""
    for module in network.modules():
        if isinstance(module, ArrayDynamics):
            module.integration = how


@torch.no_grad()
def held_out_losses(model: TrainedModel, test: ImageData) -> list[float]:
    """The losses of the held-out examples, always the same ones, one by one."""
    device = next(model.network.parameters()).device
    examples = HeldOut(model.config, test).examples
    size = model.config.training.batch
    parts = [
        losses(model.config.process, model.network, examples.part(start, start + size), device)
        for start in range(0, len(examples.x0), size)
    ]
    return [float(value) for value in torch.cat(parts).double().cpu()]
