"""Precision and recall (Kynkaanniemi et al., "Improved precision and recall metric ..", 2019), density and coverage
(Naeem et al., "Reliable fidelity and diversity metrics ..", 2020): from nearest neighbours among features."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .frechet import Array


class Neighbours(NamedTuple):
    """What each sample or reference picture adds to a measure, which is their mean.

    precision, density (samples,); recall, coverage (reference,).
    """

    precision: Array
    recall: Array
    density: Array
    coverage: Array


def squared_distances(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """(n, m) between rows of (n, d) and (m, d)."""
    square = a @ b.T
    square *= -2
    square += np.square(a).sum(axis=1)[:, None]
    square += np.square(b).sum(axis=1)
    return np.maximum(square, 0.0, out=square)


def radii(features: Array, k: int) -> Array:
    """(n,) squared distance to the k-th nearest other one."""
    square = squared_distances(features, features)
    np.fill_diagonal(square, np.inf)
    return np.partition(square, k - 1, axis=1)[:, k - 1]


def neighbours(samples: Array, reference: Array, k_precision: int = 3, k_density: int = 5) -> Neighbours:
    """Features (n, d) and (m, d), with more than `k_density` of each; k = 3 and 5 are the papers' choices.

    The measures depend on both counts: the papers take equal ones.
    """
    square = squared_distances(samples, reference)
    inside = square <= radii(reference, k_precision)
    covered = square <= radii(samples, k_precision)[:, None]
    near = square <= radii(reference, k_density)
    return Neighbours(
        inside.any(axis=1).astype(float),
        covered.any(axis=0).astype(float),
        near.sum(axis=1) / k_density,
        near.any(axis=0).astype(float),
    )
