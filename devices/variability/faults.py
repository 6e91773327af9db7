"""Devices that cannot be programmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..parameter import parameter
from .effect import CHIP, Array, ConductanceEffect


@dataclass(frozen=True)
class StuckAt(ConductanceEffect):
    """Shares of the devices stuck at their lowest or highest conductance, wherever they are."""

    name = "faults"
    when = CHIP
    paper = "C.-Y. Chen et al., IEEE Trans. Computers 64(1), 180 (2015): 9.04 % stuck low, 1.75 % high in a 4 Mb array"

    low: float = parameter(0.0, "1", "share stuck at the lowest conductance", low=0, high=1)
    high: float = parameter(0.0, "1", "share stuck at the highest conductance", low=0, high=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low + self.high > 1.0:
            raise InputError("high", self.high, f"at most {1.0 - self.low:g}, what `low` leaves")

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.low > 0.0 or self.high > 0.0

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """The conductances, those of stuck devices replaced."""
        drawn = generator.random(g.shape)
        return np.where(drawn < self.low, low, np.where(drawn >= 1.0 - self.high, high, g))
