"""Groups of networks side by side: mean, best and worst of the measure, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sources.source import MEASURES
from .similarity import between, nearest, within

Array = NDArray[np.float64]
RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Group:
    """Scores (n, pictures) of n networks; of a classifier 1 and 0 for recognised or not."""

    scores: Array
    measure: str

    @property
    def each(self) -> Array:
        """(n,) the measure of each network."""
        found: Array = self.scores.mean(1)
        return found

    @property
    def wrong(self) -> NDArray[np.bool_] | None:
        """(n, pictures): which were not recognised; None where there is no right and wrong."""
        return self.scores < 0.5 if self.measure == "accuracy" else None

    def plain(self, seed: int, originals: Group) -> dict[str, Any]:
        """Count, mean, best, worst, and the mean overlap with the nearest original; of the first three 95 %.

        An interval is that over other test pictures (Efron and Tibshirani 1993): the same networks, pictures drawn
        anew with replacement, percentiles. The best and worst of each resample are those of the resample.
        """
        sign = MEASURES[self.measure]
        draws = resampled(self.scores, seed)  # (resamples, n)
        best, worst = (draws.max(1), draws.min(1)) if sign > 0 else (draws.min(1), draws.max(1))
        each = self.each
        found: dict[str, Any] = {
            "count": len(each),
            "mean": float(each.mean()),
            "mean_interval": interval(draws.mean(1)),
            "best": float(each.max() if sign > 0 else each.min()),
            "best_interval": interval(best),
            "worst": float(each.min() if sign > 0 else each.max()),
            "worst_interval": interval(worst),
        }
        if self is not originals:
            theirs = resampled(originals.scores, seed)
            best_of_them = theirs.max(1) if sign > 0 else theirs.min(1)
            found["mean_beyond_original"] = sign * (found["mean"] - float(originals.each.mean()))
            found["mean_beyond_original_interval"] = interval(sign * (draws.mean(1) - theirs.mean(1)))
            found["best_beyond_original_interval"] = interval(sign * (best - best_of_them))
            if self.wrong is not None and originals.wrong is not None:
                found["similarity_to_originals"] = between(self.wrong, originals.wrong)
                found["nearest_original"] = float(nearest(self.wrong, originals.wrong).mean())
                found["similarity_within"] = within(self.wrong)
        return found


def resampled(scores: Array, seed: int) -> Array:
    """(resamples, n): the measure of each network over pictures drawn anew, the same ones for the same seed."""
    pictures = scores.shape[1]
    counts = np.random.default_rng(seed).multinomial(pictures, np.full(pictures, 1 / pictures), RESAMPLES)
    found: Array = counts @ scores.T / pictures
    return found


def interval(values: Array) -> list[float]:
    """The 95 % of values (n,) in the middle."""
    tail = (1 - LEVEL) / 2
    return [float(value) for value in np.quantile(values, [tail, 1 - tail])]
