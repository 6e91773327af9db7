"""The Frechet distance between two sets of features, each taken to be normal (Dowson and Landau 1982;
Heusel et al., "GANs trained by a two time-scale update rule ..", 2017: with Inception's features, FID).

    d^2 = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2))

It is biased upward by few samples, by about the same amount for both sets: compare at equal counts only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Normal:
    """Mean (d,), covariance (d, d) with n - 1, and the covariance's symmetric root (d, d)."""

    mean: Array
    covariance: Array
    root: Array


def normal(features: Array) -> Normal:
    """The normal distribution of features (n, d), n at least 2."""
    mean, covariance = moments(features)
    values, vectors = np.linalg.eigh(covariance)
    return Normal(mean, covariance, (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def moments(features: Array) -> tuple[Array, Array]:
    """Mean (d,) and covariance (d, d) of features (n, d)."""
    mean = features.mean(axis=0)
    centred = features - mean
    return mean, centred.T @ centred / (len(features) - 1)


def frechet_distance(features: Array, reference: Normal) -> float:
    """d^2 above, from features (n, d) to the reference.

    tr((S1 S2)^(1/2)) is the sum of the roots of the eigenvalues of the symmetric S2^(1/2) S1 S2^(1/2), which
    unlike those of S1 S2 stay real when a covariance is singular.
    """
    mean, covariance = moments(features)
    values = np.linalg.eigvalsh(reference.root @ covariance @ reference.root)
    cross = np.sqrt(np.maximum(values, 0.0)).sum()
    offset = mean - reference.mean
    return float(offset @ offset + np.trace(covariance) + np.trace(reference.covariance) - 2 * cross)
