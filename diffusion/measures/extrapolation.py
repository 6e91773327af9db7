"""The Frechet distance of infinitely many samples, extrapolated (Chong and Forsyth, "Effectively unbiased FID
and Inception score", CVPR 2020): the distance of n samples is linear in 1/n to first order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frechet import Array, Normal, frechet_distance

POINTS = 15
"""Counts, as in the paper, here evenly spaced in 1/n."""
FITS = 10
"""Fits, each with random subsets of its own, two at each count."""
LEAST = 1000
"""Samples below which covariances of 84 features leave the linear range."""


@dataclass(frozen=True)
class Extrapolation:
    """The mean intercept of the lines, its standard deviation over fits, and how far a parabola's is from it."""

    value: float
    spread: float
    curvature: float
    stable: bool
    count: int


def frechet_infinity(features: Array, reference: Normal, rng: np.random.Generator) -> Extrapolation:
    """The distance from features (n, d) to the reference at 1/n = 0. Bias of a finite reference stays in it.

    Stable when there are 1,000 samples, and spread and curvature are at most a tenth of the distance at n, or
    of what the extrapolation takes away from it, whichever is larger.
    """
    n = len(features)
    counts = np.repeat(np.maximum(np.rint(1 / np.linspace(1 / n, 5 / n, POINTS)).astype(int), 2), 2)
    lines, parabolas = [], []
    for _ in range(FITS):
        y = np.array([frechet_distance(features[rng.permutation(n)[:count]], reference) for count in counts])
        lines.append(_intercept(1 / counts, y, 1))
        parabolas.append(_intercept(1 / counts, y, 2))
    value, spread = float(np.mean(lines)), float(np.std(lines))
    curvature = abs(float(np.mean(parabolas)) - value)
    at_n = frechet_distance(features, reference)
    stable = n >= LEAST and max(spread, curvature) <= 0.1 * max(at_n, abs(at_n - value))
    return Extrapolation(value, spread, curvature, bool(stable), n)


def _intercept(x: Array, y: Array, degree: int) -> float:
    return float(np.polynomial.Polynomial.fit(x, y, degree)(0.0))
