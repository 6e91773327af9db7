"""A tableau as compiled code reads it: which rates are summed with which weights after each stage, and where to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..steppers import Tableau
from .rows import MOST_TERMS

NOTHING, INTO_STAGE, INTO_PROPOSAL, TO_THE_END = 0, 1, 2, 3
"""What follows the rates of a stage: nothing; the state the next stage starts from; the same where it is the proposal
already (methods whose last stage is the first of the next step); the proposal, with which the step is over."""


@dataclass(frozen=True)
class Sum:
    """Weights that are not 0 and their terms, both (MOST_TERMS,), filled up with a term that is there and weights 0."""

    terms: NDArray[np.int64]
    weights: NDArray[np.floating]
    count: int

    @classmethod
    def of(cls, weights: tuple[float, ...] | NDArray[np.float64], dtype: np.dtype) -> Sum:
        """The sum with these weights; of the first rate times 0 if there are none."""
        used = np.flatnonzero(weights)[:MOST_TERMS]
        places = np.resize(used, MOST_TERMS) if len(used) else np.zeros(MOST_TERMS, np.int64)
        values = np.zeros(MOST_TERMS, dtype)
        values[: len(used)] = np.asarray(weights, np.float64)[used]
        return cls(places, values, max(len(used), 1))


@dataclass(frozen=True)
class Plan:
    """What follows each stage: kinds (stages,), and their sums."""

    follow: NDArray[np.int64]
    terms: NDArray[np.int64]
    counts: NDArray[np.int64]
    weights: NDArray[np.floating]

    @classmethod
    def of(cls, tableau: Tableau, dtype: np.dtype) -> Plan:
        """The plan of a whole step."""
        stages = tableau.stages
        follow = [INTO_STAGE] * (stages - 1) + [TO_THE_END]
        rows = [*tableau.a[1:], tableau.b]
        if tableau.first_same_as_last:
            follow[-2:] = [INTO_PROPOSAL, NOTHING]
        sums = [Sum.of(row, dtype) for row in rows]
        return cls(
            np.array(follow),
            np.array([s.terms for s in sums]),
            np.array([s.count for s in sums]),
            np.array([s.weights for s in sums]),
        )

    @classmethod
    def of_rates(cls, dtype: np.dtype) -> Plan:
        """Only the rates of the present state."""
        nothing = Sum.of((0.0,), dtype)
        return cls(
            np.array([NOTHING]), nothing.terms[np.newaxis], np.array([nothing.count]), nothing.weights[np.newaxis]
        )
