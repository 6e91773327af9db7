"""What the batch loop asks of the code that steps a batch, wherever its arrays lie."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..steppers import Tableau

Array = NDArray[np.floating]
Steps = NDArray[np.float64]


class BatchStepper(Protocol):
    """Holds the present states of all samples; `attempt` proposes new ones, `accept` takes them, sample by sample.

    A flat index counts through (states, channels, rows, columns) of one sample.
    """

    evaluations: int
    """Right-hand sides so far: a sample's each time it was computed for a step that was not 0."""

    @property
    def tableau(self) -> Tableau:
        """The method."""

    def attempt(self, h: Steps) -> None:
        """Propose the states after steps h [s] (samples,), 0 for a sample that rests; the present ones stay."""

    def error_ratios(self, h: Steps, rtol: float, atol: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """Per sample the largest |error| / (atol + rtol max(|before|, |after|)), inf when not finite, and the flat
        index of that cell; atol is (states,)."""

    def first_steps(self, rtol: float, atol: Steps, limit: float) -> Steps:
        """A first step for each sample, at most `limit` [s] (Hairer, Norsett & Wanner I, section II.4); 0 or not a
        number where the rates at the start are not finite."""

    def between(self, theta: float, h: float, sample: int) -> tuple[Array, Array]:
        """The states (states, channels, rows, columns) and outputs (channels, rows, columns) of a sample at
        t + theta h within its attempted step, x held to [0, 1]; exactly the proposal at theta = 1."""

    def accept(self, mask: NDArray[np.bool_]) -> None:
        """Take the attempted step of these samples (samples,), x held to [0, 1]."""

    def present(self, sample: int) -> tuple[Array, Array]:
        """The states and outputs of a sample now, as `between`."""

    def speeds(self, sample: int) -> Array:
        """How fast each cell changes [V/s], (channels, rows, columns), of a sample now: see `rest`."""

    def check(self) -> tuple[int, int, str] | None:
        """The first proposal that is "not finite", or that "ran away" beyond the problem's voltage limit:
        (sample, flat index, which of the two); None if all are sound."""
