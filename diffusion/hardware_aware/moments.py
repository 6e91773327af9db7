"""What programmed conductances are on average, and how far they scatter: measured from the effects themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...circuits.hardware import Hardware
from ...devices.variability.effect import ConductanceEffect
from ...devices.variability.streams import stream

Array = NDArray[np.floating[Any]]
POINTS, DRAWS = 65, 4000


@dataclass(frozen=True, eq=False)
class ConductanceMoments:
    """Mean and standard deviation [S] at conductances `g` [S], which rise; between them, in proportion."""

    g: Array
    mean: Array
    spread: Array

    @classmethod
    def of(cls, hardware: Hardware, effects: Sequence[ConductanceEffect]) -> ConductanceMoments:
        """Those of these effects, one after the other, on devices of this hardware.

        Every effect is drawn `DRAWS` times at `POINTS` conductances: so any effect will do, stuck devices as well, of
        which only these two moments are kept.
        """
        low, high = hardware.pair.low, hardware.pair.high
        g = np.linspace(low, high, POINTS)
        if not any(effect.active for effect in effects):
            return cls(g, g.copy(), np.zeros(POINTS))
        drawn: Array = np.repeat(g[:, None], DRAWS, axis=1)
        for k, effect in enumerate(effects):
            if effect.active:
                drawn = effect.applied(drawn, low, high, stream(0, "moments", k, effect.name))
        return cls(g, drawn.mean(axis=1), drawn.std(axis=1))

    def shift(self, g: Array) -> Array:
        """How far the mean is from g [S]."""
        return np.asarray(np.interp(g, self.g, self.mean - self.g))

    def variance(self, g: Array) -> Array:
        """S^2."""
        return np.asarray(np.square(np.interp(g, self.g, self.spread)))
