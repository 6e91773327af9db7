"""Thermal noise of a circuit: which temperature, and which runs it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from ..devices.errors import InputError
from ..devices.parameter import check_parameters, parameter

BOLTZMANN = 1.380649e-23
"""J/K, exact by the definition of the SI (2019)."""
METHODS = ("adaptive", "heun")
"""What `run.method` may say in a noisy run: `adaptive` leaves the choice, and the choice is Heun's method."""


@dataclass(frozen=True)
class ThermalNoise:
    """The resistor and the memristor of every cell have the noise of this temperature.

    J. B. Johnson, Phys. Rev. 32, 97 (1928); H. Nyquist, Phys. Rev. 32, 110 (1928): a conductance G [S] sends a white
    current of two-sided spectral density 2 k T G [A^2/Hz]. Raises InputError for a temperature out of its range.
    """

    temperature: float = parameter(300.0, "K", "temperature of the conductors", low=0, high=2000)

    def __post_init__(self) -> None:
        check_parameters(self)


def check_noisy_method(method: str) -> None:
    """InputError unless a run with this method can have noise: adaptive steps and the usual error estimates
    suppose a smooth solution, which a noisy one is not."""
    if method not in METHODS:
        hint = "thermal noise is integrated by Heun's method with equal steps: write heun, or leave method out"
        raise InputError("run.method", method, " or ".join(METHODS), hint)
