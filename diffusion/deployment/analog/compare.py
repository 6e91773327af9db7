"""The analog loop beside the digital sampler, from the same noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from torch import Tensor

from ...data import ImageData
from ...measures.bootstrap import Interval, centred_interval
from ...measures.classifier import Classifier, load_classifier
from ...measures.frechet import Normal, frechet_distance, normal
from ...measures.seen import see
from ...measures.similarity import ssim
from ...training.model import TrainedModel
from .draw import draw
from .loop import Loop
from .record import AnalogRun

LEAST = 100
"""Pictures below which nothing is said of distributions."""
RESAMPLES = 500


@dataclass(frozen=True)
class Frechet:
    """The Frechet distance of `count` pictures to the data, and its interval at 95 %."""

    value: float
    interval: Interval
    count: int


@dataclass(frozen=True)
class Compared:
    """One loop: how often it asks for a picture, how long that takes [s], and how its pictures differ from the digital
    sampler's of the same noise: rms difference of a pixel (range -1 to 1), mean and least SSIM. The Frechet distance
    needs 100 pictures."""

    name: str
    asked: int
    duration: float | None
    difference: float
    similarity: float
    least_similarity: float
    frechet: Frechet | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """The digital sampler first, then each loop; and their pictures by the same names."""

    rows: list[Compared]
    pictures: dict[str, Tensor]
    runs: dict[str, AnalogRun]


def compare(
    model: TrainedModel,
    loops: Mapping[str, Loop],
    n: int,
    seed: int,
    *,
    steps: int | None = None,
    batch: int = 32,
    data: ImageData | None = None,
    progress: Callable[[str, float], None] | None = None,
    found: Callable[[Compared], None] | None = None,
) -> Comparison:
    """n pictures of the config's sampler (with `steps`) and of each loop. `data` are what Frechet distances are
    taken to; `found` hears of each row as soon as it is there."""
    say = progress or (lambda name, done: None)
    steps = model.config.sampling.steps if steps is None else steps
    name = f"{model.config.sampling.sampler}, {steps} steps"
    digital = model.sample(n, seed, steps=steps, batch=batch, progress=partial(say, name))
    frechet = _frechet_to(data) if data is not None and n >= LEAST else None
    comparison = Comparison([], {}, {})

    def keep(name: str, pictures: Tensor, asked: int, duration: float | None) -> None:
        same = ssim(pictures, digital)
        distance = float((pictures - digital).double().square().mean().sqrt())
        value = frechet(pictures) if frechet else None
        row = Compared(name, asked, duration, distance, float(same.mean()), float(same.min()), value)
        comparison.rows.append(row)
        comparison.pictures[name] = pictures
        if found is not None:
            found(row)

    keep(name, digital, steps, None)
    for name, loop in loops.items():
        run = draw(model, n, seed, loop, batch=batch, progress=partial(say, name))
        keep(name, run.pictures, run.asked, run.duration)
        comparison.runs[name] = run
    return comparison


def held_loops(loop: Loop, answers: tuple[int, ...] = (10, 20, 50, 100)) -> dict[str, Loop]:
    """A loop with so many answers to a picture, each."""
    return {f"{n} answers": replace(loop, answers=n) for n in answers}


def _frechet_to(data: ImageData) -> Callable[[Tensor], Frechet]:
    classifier: Classifier = load_classifier(data.name)
    reference: Normal = normal(see(classifier.network, data.normalised(), data.labels.numpy()).features)

    def measure(pictures: Tensor) -> Frechet:
        features = see(classifier.network, pictures, None).features
        value = frechet_distance(features, reference)
        rng = np.random.default_rng(0)
        interval = centred_interval(value, lambda chosen: frechet_distance(chosen, reference), features, rng, RESAMPLES)
        return Frechet(value, interval, len(pictures))

    return measure
