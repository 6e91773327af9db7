"""What the draws of one case say of a measure: its distribution, and the share that meets the specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Interval = Literal["clopper-pearson", "wilson"]


@dataclass(frozen=True)
class Distribution:
    """Of the draws that have a value; none has one: all are None."""

    count: int
    """Draws with a value."""
    without: int
    """Draws without: they failed, or the measure has none, as the settling time of what never rests."""
    mean: float | None
    mean_error: float | None
    """Standard error of the mean."""
    std: float | None
    least: float | None
    largest: float | None
    quantiles: dict[str, float]


def distribution(values: Array, quantiles: Sequence[float]) -> Distribution:
    """Of these values (draws,), NaN where there is none."""
    there = values[np.isfinite(values)]
    count, without = len(there), len(values) - len(there)
    if not count:
        return Distribution(0, without, None, None, None, None, None, {})
    std = float(np.std(there, ddof=1)) if count > 1 else None
    return Distribution(
        count, without, float(np.mean(there)), None if std is None else std / count**0.5, std,
        float(there.min()), float(there.max()),
        {f"{q:g}": float(value) for q, value in zip(quantiles, np.quantile(there, quantiles), strict=True)},
    )  # fmt: skip


@dataclass(frozen=True)
class Yield:
    """The share of draws that meet the specification, and the interval that holds the true one with `confidence`."""

    met: int
    count: int
    share: float
    low: float
    high: float
    confidence: float
    interval: str


def meets(values: Array, below: float | None, above: float | None) -> NDArray[np.bool_]:
    """Which values (draws,) keep the limits; one that is not there keeps none."""
    found = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        if below is not None:
            found &= values < below
        if above is not None:
            found &= values > above
    return found


def yield_of(met: NDArray[np.bool_], confidence: float, interval: Interval) -> Yield:
    """C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934), which covers at least as often as it says, or E. B.
    Wilson, J. Am. Stat. Assoc. 22, 209 (1927), which does on average. Draws must be independent."""
    from scipy import stats

    count, k = len(met), int(np.count_nonzero(met))
    method: Any = {"clopper-pearson": "exact", "wilson": "wilson"}[interval]  # a literal, where SciPy has types
    found = stats.binomtest(k, count).proportion_ci(confidence, method=method)
    return Yield(k, count, k / count, float(found.low), float(found.high), confidence, interval)


def plain(value: Any) -> dict[str, Any]:
    """As JSON holds it."""
    return dict(vars(value))
