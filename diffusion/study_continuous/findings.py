"""One study: both networks measured, and what follows from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..data import ImageData, load_images
from ..measures.classifier import load_classifier
from .laboratory import Laboratory, Note
from .quality import Distance
from .settings import SDE, Run, Settings
from .subject import Subject, comparable

ENOUGH = 1.05
"""A quality is reached where the Frechet distance is at most so many times the best one of any sampler."""


@dataclass(frozen=True, eq=False)
class Point:
    """A way to sample and what it gave: distance, evaluations for a picture, seconds for a picture."""

    run: Run
    distance: Distance
    evaluations: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Network:
    """Everything that was measured of one network."""

    subject: Subject
    parameters: int
    multiply_adds: int
    sampling: Sequence[float]
    evaluation: Sequence[float]
    distance: Distance
    evaluations: float
    pictures: Any
    curve: Sequence[Point]
    restoration: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name."""
        return self.subject.name

    def first_good(self, random: bool) -> Point | None:
        """The point of fewest evaluations that comes within `ENOUGH` of the best of all, of the SDE or of the flow."""
        best = min(point.distance.value for point in self.curve)
        good = [point for point in self.curve if point.distance.value <= ENOUGH * best]
        found = [point for point in good if (point.run.sampler == SDE) == random]
        return min(found, key=lambda point: point.evaluations, default=None)


@dataclass(frozen=True, eq=False)
class Study:
    """The baseline and the continuous network, on the same data."""

    baseline: Network
    continuous: Network
    unequal: Sequence[str]
    memory: Sequence[Mapping[str, Any]]
    floor: float
    settings: Settings
    data: ImageData
    classifier: str


def study(
    baseline: Subject, continuous: Subject, settings: Settings, cache: Path, folder: Path | None, note: Note
) -> Study:
    """Measure both, or read back what was measured. Raises InputError for models of other data."""
    unequal = comparable(baseline, continuous)
    name = baseline.model.config.data.name
    data, unseen = load_images(name, "train", folder), load_images(name, "test", folder)
    classifier = load_classifier(name)
    laboratory = Laboratory(data, unseen, classifier, settings, cache, note)
    subjects = (baseline, continuous)
    sizes = [laboratory.size(subject) for subject in subjects]
    seconds = laboratory.seconds(subjects)
    networks = []
    for k, subject in enumerate(subjects):
        # a stream of the bootstrap for each network: their resamples are independent
        distance, evaluations, pictures = laboratory.samples(subject, None, settings.samples, k)
        each = float(np.median(seconds["evaluation"][k]))
        curve = []
        for run in settings.curves:
            found, asked, _ = laboratory.samples(subject, run, settings.curve_samples, k)
            curve.append(Point(run, found, asked, asked * each))
        networks.append(
            Network(
                subject, sizes[k]["parameters"], sizes[k]["multiply_adds"], seconds["sampling"][k],
                seconds["evaluation"][k], distance, evaluations, pictures, curve, laboratory.restoration(subject),
            )
        )  # fmt: skip
    floor = laboratory.judge.floor(settings.samples)
    memory = laboratory.memory()
    return Study(networks[0], networks[1], unequal, memory, floor, settings, data, classifier.name)
