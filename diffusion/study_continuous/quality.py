"""Frechet distances with their intervals, and the interval of the ratio of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..data import ImageData
from ..measures.classifier import Classifier
from ..measures.floors import frechet_floor
from ..measures.frechet import frechet_distance, normal
from ..measures.seen import see

RESAMPLES = 300
TAIL = (0.025, 0.975)


@dataclass(frozen=True)
class Distance:
    """A Frechet distance of `count` samples; `resamples` are those of the bootstrap, moved back to the value (few
    samples bias each of them once more)."""

    value: float
    count: int
    resamples: tuple[float, ...]

    @property
    def low(self) -> float:
        """Of the 95 % interval."""
        return float(np.quantile(self.resamples, TAIL[0]))

    @property
    def high(self) -> float:
        """Of the 95 % interval."""
        return float(np.quantile(self.resamples, TAIL[1]))

    def shown(self) -> str:
        """`12.3 (11.5 to 13.1)`."""
        return f"{self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


@dataclass(frozen=True)
class Ratio:
    """A ratio with its 95 % interval."""

    value: float
    low: float
    high: float

    def shown(self) -> str:
        """`1.02 (0.97 to 1.08)`."""
        return f"{self.value:.3g} ({self.low:.3g} to {self.high:.3g})"


def ratio(ours: Distance, theirs: Distance) -> Ratio:
    """Of two distances measured apart: their resamples are independent, so any pairing of them will do."""
    pairs = np.asarray(ours.resamples) / np.asarray(theirs.resamples)
    low, high = np.quantile(pairs, TAIL)
    return Ratio(ours.value / theirs.value, float(low), float(high))


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Of times taken in turn: the ratio of the medians, and the least and the largest of the rounds' ratios."""
    rounds = [a / b for a, b in zip(ours, theirs, strict=True)]
    return Ratio(float(np.median(ours) / np.median(theirs)), min(rounds), max(rounds))


class Judge:
    """The Frechet distance from one data set."""

    def __init__(self, data: ImageData, classifier: Classifier) -> None:
        self.data, self.classifier = data, classifier
        self._features = see(classifier.network, data.normalised(), None).features
        self._reference = normal(self._features)

    def distance(self, images: NDArray[np.float32], stream: int) -> Distance:
        """Of images (n, channels, rows, columns); `stream` numbers the bootstrap's random numbers."""
        features = see(self.classifier.network, torch.from_numpy(images), None).features
        value, n = frechet_distance(features, self._reference), len(features)
        rng = np.random.default_rng([stream, n])
        drawn = [frechet_distance(features[rng.integers(0, n, n)], self._reference) for _ in range(RESAMPLES)]
        back = value - float(np.mean(drawn))
        return Distance(value, n, tuple(each + back for each in drawn))

    def floor(self, count: int) -> float:
        """Of so many of the data's own pictures (at most half of them) from the rest."""
        return float(frechet_floor(self._features, count, np.random.default_rng([0, count])).value)
