"""How well the data determine what was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .unknowns import Unknown

AT_BOUND = 1e-3
"""So close to an end of its range, in e-folds or start values, an unknown counts as being there."""
SINGULAR = 1e-10
"""Singular values below this share of the largest are 0."""
VAGUE_STATE = 0.3
"""A starting state less certain than this is not determined."""
TAKES_PART = 0.25
"""An unknown takes part in a direction whose unit vector has such a component in it."""


@dataclass(frozen=True)
class Uncertainty:
    """Standard errors of the coordinates z (infinite: not determined at all; NaN: at a bound, not counted) and of the
    values, their correlations, and which unknowns are at a bound or not determined.

    `directions` are sets of unknowns of which only a combination is determined.
    """

    of_z: NDArray[Any]
    of_values: NDArray[Any]
    correlation: NDArray[Any]
    at_bound: tuple[bool, ...]
    determined: tuple[bool, ...]
    directions: tuple[tuple[int, ...], ...]


def uncertainty(
    unknowns: tuple[Unknown, ...], z: NDArray[Any], errors: NDArray[Any], jacobian: NDArray[Any], margin: float
) -> Uncertainty:
    """From the residuals (points,) and their derivatives (points, unknowns) by z at the minimum.

    The covariance is that of an M-estimator (Huber, Robust Statistics, 1981, section 7.6) with the loss soft_l1 of
    margin `margin` (infinite: least squares, where it is the usual s^2 (J'J)^-1), with J taken at the minimum. Noise
    is taken to be independent from point to point.
    """
    count = len(unknowns)
    ends = np.array([one.bounds for one in unknowns])
    bound = np.abs(z[:, None] - ends).min(axis=1) < AT_BOUND
    inside = np.flatnonzero(~bound)
    wide = (errors / margin) ** 2
    psi, bend = errors / np.sqrt(1 + wide), (1 + wide) ** -1.5
    freedom = max(errors.size - inside.size, 1)
    deviation = float(np.sqrt(np.sum(psi**2) / freedom) / np.mean(bend))
    of_z, correlation = np.full(count, np.nan), np.full((count, count), np.nan)
    directions: list[tuple[int, ...]] = []
    if inside.size:
        _, sizes, rows = np.linalg.svd(jacobian[:, inside], full_matrices=False)
        null = sizes <= SINGULAR * sizes.max() if sizes.max() > 0 else np.ones(sizes.size, bool)
        inverse = np.where(null, 0.0, 1.0 / np.where(null, 1.0, sizes))
        covariance = (rows.T * (deviation * inverse) ** 2) @ rows
        lost = (np.abs(rows[null]) > 1e-3).any(axis=0)
        spread = np.sqrt(np.diag(covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation[np.ix_(inside, inside)] = covariance / np.outer(spread, spread)
        of_z[inside] = np.where(lost, np.inf, spread)
        for vector, weak in zip(rows, null | (deviation * inverse > 1), strict=True):
            if weak:
                directions.append(tuple(int(n) for n in inside[np.abs(vector) > TAKES_PART]))
    values = np.array([one.value(c) for one, c in zip(unknowns, z, strict=True)])
    slopes = np.array([one.slope(value) for one, value in zip(unknowns, values, strict=True)])
    of_values = of_z * np.abs(slopes)
    limits = np.array([_vague(one, value) for one, value in zip(unknowns, values, strict=True)])
    determined = tuple(bool(d) for d in bound | (of_values <= limits))
    directions = [found for found in directions if not all(determined[n] for n in found)]
    return Uncertainty(of_z, of_values, correlation, tuple(map(bool, bound)), determined, tuple(directions))


def _vague(one: Unknown, value: float) -> float:
    """The standard error beyond which nothing is known: a factor e, the value itself, or a third of all states."""
    if one.name.startswith("x0"):
        return VAGUE_STATE
    return abs(value) if one.log else max(abs(value), abs(one.start))
