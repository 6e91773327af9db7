"""One integrator for each pixel: an op-amp with a capacitor, fed through the multiplying stages' resistors.

Stage j has the resistor R_j = T/(C g_j), g_j its largest gain per ramp, so g = sum of g_j = T (sum of 1/R_j)/C. With an
op-amp of gain A0 and input offset V_os, Kirchhoff's law at its input gives, u = time/T,

    dv/du = [sum of gain_j v_j + g V_os - g v/A0]/(1 + 1/A0) + noise,

the noise being that of the resistors: 2 k Theta g/C per unit of u (Nyquist 1928), and k Theta/C at the switch that
loads the start. So all four errors grow with g: gains that stay small are what a good ramp is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ....circuits.noise import BOLTZMANN
from ....devices.parameter import check_parameters, parameter
from ....devices.variability.spread import Spread
from ....devices.variability.streams import stream

NAME = "analog sampler"
"""Of its streams."""


@dataclass(frozen=True)
class Integrator:
    """What is given is ideal: each error is off by default."""

    C: float = parameter(10e-12, "F", "integrating capacitor", low=1e-18, high=1.0)
    V1: float = parameter(0.2, "V", "voltage of x = 1", low=1e-6, high=1e3)
    inverse_gain: float = parameter(0.0, "1", "1/A0 of the op-amp", low=0.0, high=1.0)
    offset: float = parameter(0.0, "V", "spread of the op-amp's input offset, once per chip", low=0.0, high=1.0)
    gain: Spread = Spread()
    """Of each stage of each pixel, once per chip."""
    temperature: float = parameter(0.0, "K", "of resistors and switches", low=0.0, high=2000.0)

    def __post_init__(self) -> None:
        check_parameters(self)

    def made(self, shape: tuple[int, ...], seeds: Mapping[str, int], dtype: torch.dtype) -> Made:
        """Those of one chip, for pixels (channels, rows, columns)."""
        seed = seeds.get("mismatch", 0)

        def drawn(purpose: str) -> np.random.Generator:
            return stream(seed, "mismatch", NAME, purpose)

        shared = 1.0 / (1.0 + self.inverse_gain)
        of_x: Tensor | float = shared
        of_answer: Tensor | float = shared
        offset: Tensor | float = 0.0
        if self.gain.active:
            of_x, of_answer = (
                torch.from_numpy(shared * self.gain.factors((1, *shape), drawn(f"gain of {name}"))).to(dtype)
                for name in ("x", "the answer")
            )
        if self.offset > 0.0:
            scale = shared * self.offset / self.V1
            offset = torch.from_numpy(scale * drawn("offset").standard_normal((1, *shape))).to(dtype)
        return Made(of_x, of_answer, offset, shared * self.inverse_gain)

    def thermal(self) -> float:
        """k Theta/C in units of V1^2."""
        return BOLTZMANN * self.temperature / self.C / self.V1**2

    def resistor(self, gain: float, T: float) -> float:
        """The input resistor [Ohm] of a stage whose largest gain in a ramp of T [s] is `gain`."""
        return T / (self.C * gain)


@dataclass(frozen=True, eq=False)
class Made:
    """Factors on the two stages' gains and the offset in units of V1, each (1, channels, rows, columns) for one chip,
    or a number where all pixels are alike; and the leak of x, as a share of g."""

    of_x: Tensor | float
    of_answer: Tensor | float
    offset: Tensor | float
    leak: float

    def rate(self, x: Tensor, held: Tensor, into_x: float, into_y: float, g: float) -> Tensor:
        """dx/du with these gains, in units of V1 per ramp."""
        found = (self.of_answer * into_y) * held
        if into_x != 0.0 or self.leak != 0.0:
            found = found + (self.of_x * into_x - self.leak * g) * x
        return found if isinstance(self.offset, float) else found + self.offset * g
