"""Read noise: random telegraph and 1/f noise move a conductance from one run to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import RUN, Array, ConductanceEffect
from .programming import MICRO


@dataclass(frozen=True)
class ReadNoise(ConductanceEffect):
    """CMO(TaOx)/HfOx: a normal change of standard deviation 0.02773 log10(g / uS) sqrt(ln((t + t_r) / (2 t_r))) uS, t
    the time since programming, t_r = 1 us: 1/f noise between 1/t and 1/t_r. Below 1 uS there is none.

    It is slower than a run of microseconds, so it is drawn once per run.
    """

    name = "cmo-hfox"
    when = RUN
    paper = "arXiv 2502.04524 (2025); aihwkit's ReRamCMONoiseModel"

    time: float = parameter(1.0, "s", "time since programming", low=1e-6, high=1e10)
    scale: float = parameter(1.0, "1", "factor on the published noise", low=0, high=100)

    READ = 1e-6
    """t_r [s]."""

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.scale > 0.0

    def spread(self, g: Array) -> Array:
        """The standard deviation [S]."""
        logs = np.log10(np.maximum(g / MICRO, 1.0))
        decades = math.sqrt(math.log((self.time + self.READ) / (2 * self.READ)))
        return self.scale * 0.02773 * MICRO * decades * logs

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """g as one run finds it."""
        return np.maximum(g + self.spread(g) * generator.standard_normal(g.shape, g.dtype), 0.0)
