"""Programming: the conductance a device is left with scatters around the one that was asked for."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import PROGRAMMING, Array, ConductanceEffect

MICRO = 1e-6


@dataclass(frozen=True)
class Programming(ConductanceEffect):
    """A normal error of a spread that depends on the conductance; a conductance never becomes negative."""

    when = PROGRAMMING

    @abstractmethod
    def spread(self, g: Array) -> Array:
        """The standard deviation [S] of devices programmed to g [S]."""

    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """What programming leaves."""
        return np.maximum(g + self.spread(g) * generator.standard_normal(g.shape, g.dtype), 0.0)


@dataclass(frozen=True)
class ConstantError(Programming):
    """The same spread for all conductances, and one in proportion to them: sqrt((absolute)^2 + (relative g)^2)."""

    name = "constant"
    paper = "generic"

    relative: float = parameter(0.0, "1", "spread in proportion to the conductance", low=0, high=1)
    absolute: float = parameter(0.0, "S", "spread of every conductance", low=0, high=1)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.relative > 0.0 or self.absolute > 0.0

    def spread(self, g: Array) -> Array:
        """See `Programming`."""
        return np.hypot(self.absolute, self.relative * g)


@dataclass(frozen=True)
class CmoHfox(Programming):
    """IBM's CMO(TaOx)/HfOx ReRAM, 8 to 90 uS, programmed until within `acceptance` of the range."""

    name = "cmo-hfox"
    paper = "arXiv 2502.04524 (2025); aihwkit's ReRamCMONoiseModel"

    acceptance: float = parameter(
        0.002, "1", "acceptance range of the programming: 0.002 or 0.02", low=0.002, high=0.02
    )

    COEFFICIENTS = {0.002: (0.00106879, 0.00081107), 0.02: (0.01129027, 0.01121854)}
    """(per uS, uS)."""

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return True

    def spread(self, g: Array) -> Array:
        """See `Programming`; between the two measured acceptance ranges, in proportion."""
        (a, b), (c, d) = self.COEFFICIENTS.values()
        share = (self.acceptance - 0.002) / 0.018
        return (a + share * (c - a)) * g + (b + share * (d - b)) * MICRO


@dataclass(frozen=True)
class Wan2022(Programming):
    """A HfOx chip of 48 cores, up to 40 uS, one second or one day after programming."""

    name = "wan-2022"
    paper = "W. Wan et al., Nature 608, 504 (2022); aihwkit's ReRamWan2022NoiseModel"

    days: float = parameter(0.0, "1", "0: after one second, 1: after one day", low=0, high=1)

    LARGEST = 40e-6
    """S."""
    SECOND = (-16.815, 45.393, -43.853, 16.030, 0.348)
    DAY = (-16.458, 47.095, -50.773, 22.086, 0.701)
    """Of g / LARGEST, highest power first, uS."""

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return True

    def spread(self, g: Array) -> Array:
        """See `Programming`."""
        coefficients = np.array(self.SECOND) + self.days * (np.array(self.DAY) - np.array(self.SECOND))
        return np.maximum(np.polyval(coefficients, g / self.LARGEST), 0.0) * MICRO


@dataclass(frozen=True)
class Milo(Programming):
    """HfO2 devices of 50 to 225 uS."""

    name = "milo"
    paper = "V. Milo et al., IEEE Int. Reliability Physics Symp. (2021); CrossSim's RRAMMilo"

    scale: float = parameter(1.0, "1", "factor on the published spread", low=0, high=10)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.scale > 0.0

    def spread(self, g: Array) -> Array:
        """See `Programming`."""
        return self.scale * np.maximum(-0.009107 * g + 4.782321 * MICRO, 0.0)


PROGRAMMINGS: dict[str, type[Programming]] = {model.name: model for model in (ConstantError, CmoHfox, Wan2022, Milo)}
