"""What the data's own pictures score against each other: no samples can be expected to score less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frechet import Array, frechet_distance, normal


@dataclass(frozen=True)
class Floor:
    """Mean and standard deviation over random splits of the data into `count` pictures against `against`."""

    value: float
    spread: float
    count: int
    against: int


def frechet_floor(features: Array, count: int, rng: np.random.Generator, splits: int = 10) -> Floor:
    """The Frechet distance of `count` rows of features (n, d) to the other n - count rows.

    Few samples bias it upward, so a floor for s samples takes count = s, or half of the data if s is more.
    """
    count = min(count, len(features) // 2)
    drawn = []
    for _ in range(splits):
        order = rng.permutation(len(features))
        drawn.append(frechet_distance(features[order[:count]], normal(features[order[count:]])))
    return Floor(float(np.mean(drawn)), float(np.std(drawn)), count, len(features) - count)
