"""Thermal noise as the sampler's noise: which resistor, amplified how much, in which band.

A resistor R at the temperature Theta has a noise voltage of two-sided density 2 k Theta R (Johnson, Nyquist 1928). An
amplifier of gain A with one pole at f = 1/(2 pi tau) makes it an Ornstein-Uhlenbeck process of variance
A^2 k Theta R/tau, whose integral over times long beside tau is a Wiener process of 2 A^2 k Theta R [V^2 s]. Through a
stage of full-scale gain m into an integrator of V1, in a ramp of T, that is a density

    m^2 2 A^2 k Theta R/(V1^2 T) = largest density of the loop [x^2 per ramp]                (1)

with R_m = T/(C m) in front of the capacitor. If the amplified noise is to have the rms voltage V_n, then

    A = V_n sqrt(tau/(k Theta R)),      m = sqrt(density T/(2 tau)) V1/V_n.                   (2)

The stage is coupled by a capacitor, so neither the amplifier's offset nor the integrator's is multiplied by m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from ....circuits.noise import BOLTZMANN
from ....devices.errors import InputError
from ....devices.parameter import check_parameters, parameter
from .gains import Spectrum


@dataclass(frozen=True)
class NoiseSource:
    """The noise of a loop that runs the reverse SDE. One source for each pixel."""

    spectrum: Spectrum = "bounded"
    strength: float = parameter(1.0, "1", "factor on the noise's density", low=0.0, high=100.0)
    R: float = parameter(100e3, "Ohm", "the resistor that is listened to", low=1.0, high=1e12)
    temperature: float = parameter(300.0, "K", "of it, while the loop runs", low=0.0, high=2000.0)
    designed: float = parameter(300.0, "K", "of it, as the amplifier was designed for", low=1.0, high=2000.0)
    correlation: float = parameter(0.0, "s", "tau = 1/(2 pi f) of the amplifier; 0 is white", low=0.0, high=1.0)
    rms: float = parameter(0.2, "V", "rms voltage of the amplified noise", low=1e-6, high=1e3)

    def __post_init__(self) -> None:
        check_parameters(self)
        if self.spectrum not in ("reverse", "bounded"):
            raise InputError("spectrum", self.spectrum, "reverse or bounded")

    @property
    def heat(self) -> float:
        """What the noise's density is multiplied by, as the resistor is warmer or colder than designed for."""
        return self.temperature / self.designed

    def design(self, density: float, T: float, C: float, V1: float) -> NoiseDesign:
        """The circuit that gives this largest density [x^2 per ramp] in a ramp of T [s]: equation (2).

        Raises InputError for white noise, which no amplifier has.
        """
        if self.correlation == 0.0:
            raise InputError("correlation", 0.0, "a time above 0 s", "white noise has no finite voltage")
        gain = self.rms * math.sqrt(self.correlation / (BOLTZMANN * self.designed * self.R))
        stage = math.sqrt(density * T / (2.0 * self.correlation)) * V1 / self.rms
        bandwidth = 1.0 / (2.0 * math.pi * self.correlation)
        input_rms = math.sqrt(BOLTZMANN * self.designed * self.R / self.correlation)
        return NoiseDesign(input_rms, gain, bandwidth, gain * bandwidth, stage, T / (C * stage) if stage else math.inf)


@dataclass(frozen=True)
class NoiseDesign:
    """`input_rms` [V] of the resistor's noise in the band; the amplifier's `gain`, `bandwidth` [Hz] and their product
    [Hz]; the full-scale gain of the `stage` and its `resistor` [Ohm]."""

    input_rms: float
    gain: float
    bandwidth: float
    gain_bandwidth: float
    stage: float
    resistor: float


@dataclass(eq=False)
class Coloured:
    """White noise of unit density through one pole of `tau` (in the unit of the steps); tau 0 leaves it as it is.

    dz = -z dt/tau + dW/tau; over a step h, with e = exp(-h/tau), z becomes e z + q and its integral W - tau (change of
    z), where (W, q) is normal with variances h, (1 - e^2)/(2 tau) and covariance 1 - e (exact: D. T. Gillespie, Phys.
    Rev. E 54, 2084, 1996). So it is driven by the very W that white noise would be.
    """

    tau: float
    z: Tensor | None = None

    def integral(self, h: float, white: Tensor, other: Tensor | None) -> Tensor:
        """Of the next step; `white` and `other` are fresh normal numbers. `other` is not needed where tau is 0."""
        W = math.sqrt(h) * white
        if self.tau == 0.0 or self.z is None or other is None:
            return W
        kept = math.exp(-h / self.tau)
        shared = (1.0 - kept) / h  # regression of q on W
        rest = max((1.0 - kept**2) / (2.0 * self.tau) - (1.0 - kept) ** 2 / h, 0.0)
        after = kept * self.z + shared * W + math.sqrt(rest) * other
        found = W - self.tau * (after - self.z)
        self.z = after
        return found

    def start(self, normal: Tensor) -> None:
        """From equilibrium: variance 1/(2 tau)."""
        if self.tau > 0.0:
            self.z = normal / math.sqrt(2.0 * self.tau)

    def rest(self, pause: float, normal: Tensor) -> None:
        """A pause in which nobody listens."""
        if self.tau > 0.0 and self.z is not None:
            kept = math.exp(-pause / self.tau)
            self.z = kept * self.z + math.sqrt((1.0 - kept**2) / (2.0 * self.tau)) * normal


def white_limit(tau: float, length: float) -> float:
    """Variance of the integral over `length` relative to that of white noise: 1 - tau/length (1 - exp(-length/tau))."""
    return 1.0 if tau == 0.0 else 1.0 - tau / length * -math.expm1(-length / tau)
