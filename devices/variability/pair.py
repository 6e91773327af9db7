"""Weights as pairs of conductances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..parameter import check_parameters, parameter, require_less
from .effect import Array, ConductanceEffect
from .streams import stream

Sides = tuple[Array, Array]
"""g+ and g- [S], of the same shape."""


@dataclass(frozen=True)
class ConductancePair:
    """A weight w is (g+ - g-) / scale: one device of the pair carries |w| beyond the lowest conductance, the other
    rests there. The largest |w| of an array takes the whole range; what is to be 0 is a pair at rest."""

    low: float = parameter(1e-6, "S", "lowest conductance", low=0, high=1)
    high: float = parameter(100e-6, "S", "highest conductance", low=1e-12, high=1)

    def __post_init__(self) -> None:
        check_parameters(self)
        require_less(self, "low", "high")

    def scale(self, largest: float) -> float:
        """Siemens of a unit of weight, where no |w| is more than `largest`."""
        return (self.high - self.low) / largest if largest > 0.0 else 1.0

    def programmed(self, w: Array, scale: float) -> Sides:
        """The conductances g+, g- [S] that are asked for."""
        return self.low + scale * np.maximum(w, 0.0), self.low + scale * np.maximum(-w, 0.0)

    def under(self, sides: Sides, effects: Sequence[ConductanceEffect], seed: int, *purpose: str | int) -> Sides:
        """The conductances [S] of both sides under the effects that are active, one after the other.

        Each effect, and each side, draws from a stream of its own.
        """
        found = []
        for side, g in zip("+-", sides, strict=True):
            for effect in effects:
                if effect.active:
                    g = effect.applied(g, self.low, self.high, stream(seed, *purpose, type(effect).__name__, side))
            found.append(g)
        return found[0], found[1]

    def weights(self, sides: Sides, scale: float) -> Array:
        """The weights such conductances make."""
        difference: Array = (sides[0] - sides[1]) / scale
        return difference
