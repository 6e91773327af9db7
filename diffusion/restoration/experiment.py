"""The experiment: held-out pictures, at each noise level, restored by each method, measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...devices.errors import InputError
from ..data import ImageData
from ..measures.bootstrap import interval_of_mean
from ..measures.classifier import Classifier, load_classifier
from ..training import TrainedModel
from ..training.model import NO_CLASS
from ..training.streams import stream
from .levels import add_noise, check_levels, time_of_level
from .measures import BETTER, MEASURES
from .methods import METHODS, How, check_methods, restored

SHOWN = 8
"""Pictures of each level and method that are kept to look at."""


@dataclass(frozen=True)
class Mean:
    """The mean over the pictures with its 95 % interval (bootstrap); `better` says which way."""

    value: float
    low: float
    high: float
    better: str


@dataclass(frozen=True, eq=False)
class Restored:
    """One level and method: `measures` by name, evaluations of the network per picture, the first pictures."""

    level: float
    time: float
    method: str
    evaluations: float
    measures: dict[str, Mean]
    each: dict[str, NDArray[np.float64]]
    pictures: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Restoration:
    """All levels and methods, for the same `count` pictures with the same noise; `true` are the first of them."""

    model: str
    data: str
    split: str
    count: int
    seed: int
    told_classes: bool
    classifier: str
    how: How
    true: NDArray[np.float32]
    rows: list[Restored]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: everything but pictures."""
        names = ("model", "data", "split", "count", "seed", "told_classes", "classifier")
        kept = ("level", "time", "method", "evaluations")
        rows = [
            {name: getattr(row, name) for name in kept}
            | {"measures": {name: asdict(value) for name, value in row.measures.items()}}
            for row in self.rows
        ]
        return {name: getattr(self, name) for name in names} | {"how": asdict(self.how), "levels": rows}


def restore_pictures(
    model: TrainedModel,
    data: ImageData,
    levels: Sequence[float],
    n: int,
    seed: int = 0,
    *,
    methods: Sequence[str] = tuple(METHODS),
    how: How = How(),
    classifier: Classifier | None = None,
    progress: Callable[[float], None] | None = None,
) -> Restoration:
    """Restore n pictures of `data`, chosen by the seed, from every noise level sigma by every method.

    All methods, levels and models see the same pictures with the same noise. The network is not told the class, where
    it has learned to do without; else it is told the true one. `classifier` is the LeNet of the distance (None: the one
    that ships for the data). Raises InputError for levels, methods, or data that do not fit.
    """
    levels, methods = check_levels(levels, model.schedule), check_methods(tuple(methods))
    if model.autoencoder is not None:
        raise InputError("", "a model of latents", "a model of pixels", "noise is added to pictures")
    if data.picture != model.picture:
        raise InputError("data", data.picture, f"pictures {model.picture}, as the model has them")
    if not 2 <= n <= len(data):
        raise InputError("n", n, f"from 2 to {len(data)} pictures, those of {data.name} ({data.split})")
    lenet = load_classifier(data.name) if classifier is None else classifier
    index = chosen(data, n, seed)
    true, labels = data.normalised(index), _labels(model, data, index)
    rows = []
    for level in levels:
        time = time_of_level(model.schedule, level)
        noisy = add_noise(true, model.schedule, time, seed)
        for method in methods:
            pictures, evaluations = restored(model, noisy, time, labels, method, how, seed)
            each = {name: measure(lenet.network, pictures, true) for name, measure in MEASURES.items()}
            means = {name: _mean(values, seed, BETTER[name]) for name, values in each.items()}
            shown = pictures[:SHOWN].numpy()
            rows.append(Restored(level, time, method, evaluations, means, each, shown))
            if progress is not None:
                progress(len(rows) / (len(levels) * len(methods)))
    name = str(model.about.get("name", model.config.name))
    return Restoration(
        name, data.name, data.split, n, seed, labels is not None, lenet.name, how, true[:SHOWN].numpy(), rows
    )


def chosen(data: ImageData, n: int, seed: int) -> Tensor:
    """Indices (n,) of the pictures that a seed chooses, the first n of one order: splits may be sorted by class."""
    return torch.randperm(len(data), generator=stream(seed, "pictures of restoration"))[:n]


def _labels(model: TrainedModel, data: ImageData, index: Tensor) -> Tensor | None:
    if model.config.classes is None:
        return None
    if model.config.training.unconditional > 0:
        return model.labels(len(index), NO_CLASS)
    if model.classes != data.classes:
        raise InputError(
            "data", ", ".join(data.classes), f"the classes {', '.join(model.classes)}", "the model needs them"
        )
    return data.labels[index]


def _mean(values: NDArray[np.float64], seed: int, better: str) -> Mean:
    low, high = interval_of_mean(values, np.random.default_rng([seed, len(values)]))
    return Mean(float(values.mean()), low, high, better)
