"""Drift: what conductances become as time passes after programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import PROGRAMMING, Array, ConductanceEffect
from .programming import MICRO


@dataclass(frozen=True)
class Relaxation(ConductanceEffect):
    """CMO(TaOx)/HfOx: a shift of -0.089 ln t uS with a spread of 0.04201 ln t + 0.41183 uS, t in seconds, from 1 s on;
    nothing before. Shift and spread do not depend on the conductance."""

    name = "cmo-hfox"
    when = PROGRAMMING
    paper = "arXiv 2502.04524 (2025); aihwkit's ReRamCMONoiseModel"

    time: float = parameter(0.0, "s", "time since programming", low=0, high=1e10)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.time >= 1.0

    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation [S] of the change."""
        if not self.active:
            return 0.0, 0.0
        log = float(np.log(self.time))
        return -0.08900 * log * MICRO, (0.04201 * log + 0.41183) * MICRO

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """What is left of g."""
        mean, spread = self.moments()
        return np.maximum(g + mean + spread * generator.standard_normal(g.shape, g.dtype), 0.0)


@dataclass(frozen=True)
class PowerLaw(ConductanceEffect):
    """g (t / t0)^-nu, t0 = 20 s, nu normal around its mean: phase-change memory, and generic."""

    name = "power-law"
    when = PROGRAMMING
    paper = "V. Joshi et al., Nature Communications 11, 2473 (2020)"

    time: float = parameter(0.0, "s", "time since programming", low=0, high=1e10)
    exponent: float = parameter(0.05, "1", "mean of the exponent", low=0, high=1)
    spread: float = parameter(0.0, "1", "standard deviation of the exponent", low=0, high=1)

    REFERENCE = 20.0
    """s, the time at which a programmed conductance is read for the first time."""

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.time > self.REFERENCE and (self.exponent > 0.0 or self.spread > 0.0)

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """What is left of g."""
        exponents = np.full(g.shape, self.exponent, g.dtype)
        if self.spread:
            exponents += self.spread * generator.standard_normal(g.shape, g.dtype)
        return g * (self.time / self.REFERENCE) ** -exponents


DRIFTS: dict[str, type[Relaxation] | type[PowerLaw]] = {model.name: model for model in (Relaxation, PowerLaw)}
