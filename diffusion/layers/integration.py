"""How a layer's equations are integrated: what a user chooses."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...devices.errors import InputError, did_you_mean
from ...simulator.steppers import STEPPERS, Tableau

EXPLICIT = {name: tableau for name, tableau in STEPPERS.items() if isinstance(tableau, Tableau)}


@dataclass(frozen=True)
class FixedSteps:
    """Equal steps of an explicit Runge-Kutta method of `simulator.steppers`, gradients by its discrete adjoint.

    `checkpoint` keeps the states at the ends of steps only as far as halving asks for (memory grows as the logarithm of
    the number of steps, and each halving integrates forward once more) instead of all stages.
    Raises InputError for a method that is not there, and a number of steps below 1.
    """

    method: str = "euler"
    steps: int = 4
    checkpoint: bool = False

    def __post_init__(self) -> None:
        if self.method not in EXPLICIT:
            raise InputError(
                "method", self.method, f"an explicit method: {', '.join(EXPLICIT)}", did_you_mean(self.method, EXPLICIT)
            )
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or not 1 <= self.steps <= 1_000_000:
            raise InputError("steps", self.steps, "a whole number from 1 to 1000000")

    @property
    def tableau(self) -> Tableau:
        """The method's coefficients."""
        return EXPLICIT[self.method]


@dataclass(frozen=True)
class Adaptive:
    """Steps chosen by the error estimate, through torchdiffeq, one step for the whole batch.

    `adjoint`: gradients from the adjoint equations integrated backwards (constant memory, exact only as far as the
    tolerances), instead of through the solver's own operations. Raises InputError for values out of range.
    """

    method: str = "dopri5"
    rtol: float = 1e-5
    atol: float = 1e-6
    adjoint: bool = False

    METHODS = ("dopri5", "dopri8", "bosh3", "fehlberg2", "adaptive_heun")

    def __post_init__(self) -> None:
        if self.method not in self.METHODS:
            expected = f"an adaptive method: {', '.join(self.METHODS)}"
            raise InputError("method", self.method, expected, did_you_mean(self.method, self.METHODS))
        for name, least in (("rtol", 1e-14), ("atol", 1e-18)):
            value = getattr(self, name)
            number = isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value)
            if not number or not least <= value <= 1.0:
                raise InputError(name, value, f"a number from {least:g} to 1")


Integration = FixedSteps | Adaptive
