"""A chip that is warmer or colder than it was designed for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..parameter import parameter
from .effect import CHIP, Effect

REFERENCE = 300.0
"""K, at which parts have the values of the design and synapses are programmed."""


@dataclass(frozen=True)
class Temperature(Effect):
    """The whole chip is at one temperature T; a part becomes exp(c (T - 300 K)) times as large: 1 + c (T - 300 K)
    for the small coefficients c of parts, and positive for all.

    Defaults: a metal film resistor and a class 1 capacitor, each as far off as its class allows; tantalum oxide as
    measured by Graves et al., whose current at 300 K does not depend on the temperature but for a leakage. Metallic
    filaments lose conductance (c < 0), thermally activated ones gain: put in what your devices do.
    """

    name = "temperature"
    when = CHIP
    paper = (
        "IEC 60115 (R, 50 ppm/K); EIA-198 C0G (C, 30 ppm/K); "
        "C. E. Graves et al., Appl. Phys. Lett. 110, 123501 (2017) (TaOx)"
    )

    value: float = parameter(REFERENCE, "K", "temperature of the chip", low=1, high=1000)
    R: float = parameter(50e-6, "1/K", "temperature coefficient of resistors", low=-0.02, high=0.02)
    C: float = parameter(30e-6, "1/K", "temperature coefficient of capacitors", low=-0.02, high=0.02)
    synapses: float = parameter(0.0, "1/K", "temperature coefficient of synapses' conductances", low=-0.02, high=0.02)
    memristor: float = parameter(0.0, "1/K", "temperature coefficient of memristors' currents", low=-0.02, high=0.02)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.value != REFERENCE

    @property
    def warmer(self) -> float:
        """Kelvin above the design's temperature."""
        return self.value - REFERENCE

    def factor(self, coefficient: float) -> float:
        """What multiplies a part of this coefficient [1/K]; exactly 1 at 300 K."""
        return math.exp(coefficient * self.warmer)

    @property
    def weight(self) -> float:
        """What multiplies a weight: its current is that of the synapse alone, and weights count it in V1/R."""
        return self.factor(self.synapses + self.R)
