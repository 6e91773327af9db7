"""How far predicted currents are from measured ones, on a scale that serves currents over decades.

A residual is asinh(predicted/i0) - asinh(measured/i0): a relative error where |i| is far above i0, an absolute one in
units of i0 far below, and either sign of the current. For noise of the size sqrt((relative i)^2 + floor^2) the scale
i0 = floor/relative makes every residual of the same size, `relative`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_NOISE = 1e-6
"""Residuals below this are not noise but arithmetic."""
NORMAL_MEDIAN = 0.6745
"""Median of |residual| over the standard deviation, of normal noise."""


def residuals(predicted: NDArray[Any], measured: NDArray[Any], i0: float) -> NDArray[Any]:
    """asinh(predicted/i0) - asinh(measured/i0)."""
    return np.arcsinh(predicted / i0) - np.arcsinh(measured / i0)


def residual_slope(predicted: NDArray[Any], i0: float) -> NDArray[Any]:
    """d(residual)/d(predicted) [1/A]."""
    return 1.0 / np.hypot(predicted, i0)


def first_scale(measured: NDArray[Any]) -> float:
    """i0 [A] before anything is known: a tenth of the currents are below it (0 for currents that are all 0)."""
    size = np.abs(measured[measured != 0])
    return float(max(np.quantile(size, 0.1), 1e-9 * size.max())) if size.size else 0.0


def robust_deviation(errors: NDArray[Any]) -> float:
    """The standard deviation of the residuals, from their median: outliers hardly count."""
    return float(max(np.median(np.abs(errors)) / NORMAL_MEDIAN, LEAST_NOISE))


def likely_scale(predicted: NDArray[Any], measured: NDArray[Any], limit: float = np.inf) -> float | None:
    """The i0 [A] under which the residuals are most likely normal noise of one size; None when they are no noise.

    As Box and Cox (1964) choose a transformation: the likelihood of the measured currents holds the derivative of
    asinh. Residuals beyond `limit` standard deviations count as that many.
    """
    told = (predicted != 0) | (measured != 0)  # exact zeros tell nothing
    predicted, measured = predicted[told], measured[told]
    sizes = np.maximum(np.abs(predicted), np.abs(measured))
    if np.all(np.abs(predicted - measured) <= LEAST_NOISE * sizes.max()):
        return None
    best, scale = np.inf, None
    for i0 in np.geomspace(max(sizes.min(), 1e-9 * sizes.max()) / 3, 30 * sizes.max(), 241):
        errors = residuals(predicted, measured, i0)
        most = limit * robust_deviation(errors)
        cost = 0.5 * np.log(np.mean(np.clip(errors, -most, most) ** 2)) + np.mean(np.log(np.hypot(predicted, i0)))
        if cost < best:
            best, scale = cost, float(i0)
    return scale
