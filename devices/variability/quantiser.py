"""Weights of so many bits: conductances on a grid of levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import PROGRAMMING, Array, ConductanceEffect


@dataclass(frozen=True)
class Quantiser(ConductanceEffect):
    """Each device of a pair has 2^(bits - 1) levels from its lowest to its highest conductance, the pair's difference
    so 2^bits - 1, zero among them. The error is at most half a level, and uniform for values spread over many."""

    name = "quantisation"
    when = PROGRAMMING
    paper = "W. R. Bennett, Bell Syst. Tech. J. 27(3), 446 (1948)"

    bits: float = parameter(6.0, "1", "bits of a weight, its sign among them", low=2, high=16)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return True

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """The nearest levels [S]; nothing is drawn."""
        step = self.step(low, high)
        return low + step * np.round((g - low) / step)

    def step(self, low: float, high: float) -> float:
        """The distance of two levels [S]."""
        return float((high - low) / (2 ** (int(self.bits) - 1) - 1))
