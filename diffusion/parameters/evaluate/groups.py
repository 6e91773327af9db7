"""Groups of networks side by side: mean, best and worst of the measure, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..latents.data import evenly_chosen
from ..sources.source import MEASURES
from .resampling import Array, interval


@dataclass(frozen=True, eq=False)
class Group:
    """Scores (n, pictures) of n networks; of a classifier 1 and 0 for recognised or not.

    The best of many is better than the best of few: `compared` says which members stand for the group where best and
    worst are asked for, so that groups are compared at an equal count.
    """

    scores: Array
    measure: str
    compared: NDArray[np.int64]

    @classmethod
    def first(cls, scores: Array, measure: str, compared: int) -> Group:
        """Compared by its first `compared` members, or all where there are fewer."""
        return cls(scores, measure, np.arange(min(compared, len(scores))))

    @classmethod
    def evenly(cls, scores: Array, measure: str, compared: int) -> Group:
        """Compared by `compared` members evenly spread over the group, or all where there are fewer."""
        return cls(scores, measure, evenly_chosen(len(scores), min(compared, len(scores))).numpy())

    @cached_property
    def each(self) -> Array:
        """(n,) the measure of each network."""
        found: Array = self.scores.mean(1)
        return found

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return MEASURES[self.measure]

    @property
    def wrong(self) -> NDArray[np.bool_] | None:
        """(n, pictures): which were not recognised; None where there is no right and wrong."""
        return self.scores < 0.5 if self.measure == "accuracy" else None

    def best(self) -> float:
        """The highest measure among those compared (of losses the lowest), which luck has raised."""
        return float(self.sign * (self.sign * self.each[self.compared]).max())

    def worst(self) -> float:
        """As `best`."""
        return float(self.sign * (self.sign * self.each[self.compared]).min())

    def confirmed(self, half: NDArray[np.bool_], *, worst: bool = False) -> Array:
        """(pictures,): on each picture, the score of the best among those compared - the best on the other half of the
        pictures, `half` being the first one.

        Who is chosen by some pictures and measured with others owes nothing to luck: the mean is without bias what the
        chosen two are worth (sample splitting; Cox, Biometrika 62, 441, 1975).
        """
        wanted, found = self.sign * (-1.0 if worst else 1.0), np.empty(self.scores.shape[1])
        for part in (half, ~half):
            elsewhere = self.scores[self.compared][:, ~part].mean(1)
            found[part] = self.scores[self.compared[np.argmax(wanted * elsewhere)], part]
        return found

    def plain(self, shares: Array, half: NDArray[np.bool_]) -> dict[str, Any]:
        """Counts; mean over all, best and worst of those compared. Intervals are 95 % over other test pictures: the
        same networks, pictures resampled by `shares` (resamples, pictures)."""
        best, worst = self.confirmed(half), self.confirmed(half, worst=True)
        return {
            "count": len(self.each),
            "compared": len(self.compared),
            "mean": float(self.each.mean()),
            "mean_interval": interval(shares @ self.scores.mean(0)),
            "best": self.best(),
            "best_confirmed": float(best.mean()),
            "best_confirmed_interval": interval(shares @ best),
            "worst": self.worst(),
            "worst_confirmed": float(worst.mean()),
            "worst_confirmed_interval": interval(shares @ worst),
        }

    def beyond(self, originals: Group, shares: Array, half: NDArray[np.bool_]) -> dict[str, Any]:
        """How much better than the originals, in the mean and at best, on the same resampled pictures.

        Of the best it is None where the two are not compared at an equal count.
        """
        more = self.sign * (self.scores.mean(0) - originals.scores.mean(0))  # on each picture
        found: dict[str, Any] = {
            "mean_beyond_original": float(more.mean()),
            "mean_beyond_original_interval": interval(shares @ more),
        }
        keys = ("best_beyond_original", "best_confirmed_beyond_original", "best_confirmed_beyond_original_interval")
        if len(self.compared) != len(originals.compared):
            return found | dict.fromkeys(keys)
        more = self.sign * (self.confirmed(half) - originals.confirmed(half))
        values = self.sign * (self.best() - originals.best()), float(more.mean()), interval(shares @ more)
        return found | dict(zip(keys, values, strict=True))
