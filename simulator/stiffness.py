"""What makes `adaptive` change between explicit and implicit steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

STABLE = 2.0
"""Step times the fastest rate of a cell from which stability, not accuracy, may be what holds an explicit step: the
limit of Dormand & Prince's pair is 3.3, and error control holds steps below it."""


def fastest(jacobians: NDArray[np.float64]) -> float:
    """The largest |eigenvalue| with a negative real part [1/s] of all cells' Jacobians (cells, states, states)."""
    if jacobians.shape[1] == 1:
        values = jacobians[:, 0, 0].astype(complex)
    elif jacobians.shape[1] == 2:
        half = 0.5 * (jacobians[:, 0, 0] + jacobians[:, 1, 1])
        spread = 0.5 * (jacobians[:, 0, 0] - jacobians[:, 1, 1])
        root = np.sqrt((spread**2 + jacobians[:, 0, 1] * jacobians[:, 1, 0]).astype(complex))
        values = np.concatenate([half - root, half + root])
    else:
        values = np.linalg.eigvals(jacobians[np.isfinite(jacobians).all(axis=(1, 2))]).ravel()
    damped = np.abs(values[np.isfinite(values) & (values.real < 0)])
    return float(damped.max(initial=0.0))


class Chooser:
    """Chooses by trial: where an explicit step is as long as stability allows, the implicit pair is tried; the one that
    gets further per try goes on. Both take about the same work per try, and both are judged by the same error control.

    Times are those of the simulated run, not of the clock: the same spec always takes the same steps.
    """

    def __init__(self, explicit: str, implicit: str) -> None:
        self.names = explicit, implicit
        self.now = explicit
        self._pace = 0.0  # of the explicit method before the trial, s per try
        self._wait, self._patience = 0, 1
        self._taken = {explicit: 0, implicit: 0}
        self._notes: list[str] = []

    def after(self, gained: float, tries: int, stiffness: Callable[[], float], t: float) -> str:
        """The method to go on with, after so many tries that gained so much time; `stiffness` is h |lambda|."""
        explicit, implicit = self.names
        self._taken[self.now] += tries
        pace = gained / max(tries, 1)
        if self.now == explicit:
            if self._wait > 0:
                self._wait -= 1
                return self.now
            number = stiffness()
            if number >= STABLE:
                self._note(
                    f"from t = {t:.3g} s {implicit}, as stability held the explicit step (h |lambda| = {number:.2g})"
                )
                self._pace, self.now = pace, implicit
        elif pace < self._pace:
            self._note(f"from t = {t:.3g} s {explicit} again, which gets further per try")
            self._wait, self._patience = self._patience, 2 * self._patience
            self.now = explicit
        else:
            # what the explicit method would do now is not known: its old pace fades
            self._pace *= 0.9
        return self.now

    def summary(self) -> tuple[str, str]:
        """(the methods, why)."""
        explicit, implicit = self.names
        if not self._notes:
            return explicit, "adaptive: explicit, as no step was held by the stability of a cell"
        return f"{explicit} and {implicit}", "adaptive: explicit at first; " + "; ".join(self._notes)

    def _note(self, text: str) -> None:
        if len(self._notes) < 6:
            self._notes.append(text)
        elif len(self._notes) == 6:
            self._notes.append("and so on")
