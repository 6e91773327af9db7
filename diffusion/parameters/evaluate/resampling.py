"""Intervals by the bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
RESAMPLES = 1000
LEVEL = 0.95
TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def shares(n: int, seed: int, resamples: int = RESAMPLES) -> Array:
    """(resamples, n): how much each of n things counts where n are drawn anew with replacement; every row adds to 1."""
    drawn: Array = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples) / n
    return drawn


def interval(draws: Array) -> list[float]:
    """The 95 % of draws (n,) in the middle: percentiles, for means, whose draws lie around them.

    Not for the largest of several: of noisier numbers the largest is larger, so the draws of a maximum lie above it, as
    it lies above the truth. `groups.Group.confirmed` is what there is for that.
    """
    return [float(value) for value in np.quantile(draws, TAILS)]


def halves(n: int, seed: int) -> NDArray[np.bool_]:
    """(n,): which of n things are in the first of two halves, drawn at random."""
    found = np.zeros(n, bool)
    found[np.random.default_rng(seed).permutation(n)[: n // 2]] = True
    return found
