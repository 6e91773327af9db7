"""All measures of samples against a data set: `evaluate_images`."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from ...devices.errors import InputError
from ..data import ImageData
from ..launched import ALONE, Processes
from .class_balance import histogram
from .classifier import Classifier, load_classifier
from .figures import (
    class_figures,
    frechet_figures,
    kernel_figures,
    neighbour_figures,
    recognition_figures,
    similarity_figures,
)
from .inception import why_absent
from .report import Figure, Report
from .samples import check_samples
from .seen import Seen, see

_PURPOSES = ("frechet", "infinity", "floor", "kernel", "neighbours", "classes", "confident", "similarity")


def evaluate_images(
    images: Any,
    reference: ImageData,
    unseen: ImageData | None = None,
    *,
    labels: Any = None,
    classifier: Classifier | None = None,
    seed: int = 0,
    resamples: int = 500,
    places: Processes = ALONE,
) -> Report:
    """Every measure of samples (n, channels, rows, columns) in [-1, 1], n at least 100.

    `reference` is what they are compared with, usually a training split; `unseen` other pictures of the data,
    usually the test split, for what real pictures score that were not learned from. `labels` (n,) are the classes
    the samples were asked for. The classifier is the one that ships for the data, unless one is given. Several
    processes (`places`) share its work. Raises InputError for samples or a classifier that do not fit the data.
    """
    classes = len(reference.classes)
    classifier = load_classifier(reference.name) if classifier is None else classifier
    _check_fits(classifier, reference)
    checked = check_samples(images, labels, reference.picture, classes)
    streams = {name: np.random.default_rng([seed, k]) for k, name in enumerate(_PURPOSES)}
    network = classifier.network
    samples = see(network, torch.from_numpy(checked.images), checked.labels, places)
    data = see(network, reference.normalised(), reference.labels.numpy(), places)
    other = None if unseen is None else see(network, unseen.normalised(), unseen.labels.numpy(), places)
    figures = {
        **frechet_figures(samples, data, streams, resamples),
        "frechet_inception": Figure(None, better="lower", note=why_absent(reference.picture[0])),
        **kernel_figures(samples, data, streams["kernel"]),
        **neighbour_figures(samples, data, streams["neighbours"]),
        **class_figures(samples, data, classes, streams["classes"]),
        **recognition_figures(samples, data if other is None else other, streams["confident"], classes),
        **similarity_figures(samples, data, other, streams["similarity"]),
    }
    shares = {"samples": histogram(samples.predicted, classes), "data": histogram(data.labels, classes)}
    description = classifier.description
    return Report(
        figures=figures,
        classes={
            name: {of: float(values[k]) for of, values in shares.items()} for k, name in enumerate(reference.classes)
        },
        classifier={"name": classifier.name, **description.model_dump(include={"sha256", "accuracy"})},
        data={"name": reference.name, "split": reference.split, "count": len(reference), "files": reference.files},
        seed=seed,
        versions=_versions(),
        notes=_notes(samples, unseen),
    )


def _check_fits(classifier: Classifier, data: ImageData) -> None:
    """InputError for other pictures, and for other classes or another order of them: their numbers are compared."""
    made_for = classifier.description
    if made_for.picture != data.picture or made_for.classes != data.classes:
        raise InputError(
            "classifier",
            f"{made_for.picture} of {', '.join(made_for.classes)}",
            f"a LeNet for pictures {data.picture} of the classes {', '.join(data.classes)}, as in {data.name}",
        )


def _versions() -> dict[str, str]:
    packages = ("cellnn", "numpy", "torch", "torchmetrics")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def _notes(samples: Seen, unseen: ImageData | None) -> tuple[str, ...]:
    notes = []
    if len(samples) < 1000:
        notes.append(f"{len(samples)} samples are few: the Frechet distance is biased upward (see its own column)")
    if unseen is None:
        notes.append("`own` of confident and nearest_ssim comes from the pictures compared with, not from unseen ones")
    return tuple(notes)
