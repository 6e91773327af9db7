"""Confidence intervals from resampling (Efron and Tibshirani, An Introduction to the Bootstrap, 1993)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frechet import Array

LEVEL = 0.95
Interval = tuple[float, float]


def interval_of_mean(values: Array, rng: np.random.Generator, resamples: int = 1000) -> Interval:
    """95 % percentile interval of the mean of values (n,)."""
    n = len(values)
    means = np.array([values[rng.integers(0, n, n)].mean() for _ in range(resamples)])
    low, high = _quantiles(means)
    return low, high


def centred_interval(
    estimate: float,
    statistic: Callable[[NDArray[Any]], float],
    features: NDArray[Any],
    rng: np.random.Generator,
    resamples: int,
) -> Interval:
    """95 % interval of a statistic of features or labels (n, ..) at this n, around its estimate.

    A resample has fewer different rows than the samples, so a statistic that few samples bias is biased once
    more in it: the resamples' quantiles are moved back to the estimate by their mean.
    """
    n = len(features)
    values = np.array([statistic(features[rng.integers(0, n, n)]) for _ in range(resamples)])
    low, high = _quantiles(values - values.mean())
    return estimate + low, estimate + high


def _quantiles(values: Array) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)
