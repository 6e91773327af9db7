"""The second-order cell: a resistor, an inductor and a capacitor in series; it has inertia, and can ring."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...devices.functions import maximum, minimum, root
from ...devices.parameter import parameter
from .cell import CellCircuit


@dataclass(frozen=True)
class SecondOrder(CellCircuit):
    """L di/dt = D - v - R i,  C dv/dt = i,  y = V1 f(v/V1); the second state is the voltage across R, w = R i [V]:

        dv/dt = w / (R C),      dw/dt = (R / L) (D - v - w)          D = sum A y + sum B u + z V1

    Weights send their current D/R into a node with R to ground, as in the cell of Chua and Yang; between that node and
    the capacitor lies L. v is the position and i the velocity of z' = v, v' = f(z, v, t) (eqs. 7 and 8 of the paper
    on second-order networks). Without L it is the cell of Chua and Yang; by itself it is a damped oscillator of the
    angular frequency 1/sqrt(LC) and the quality factor Q = sqrt(L/C) / R, which rings where Q > 1/2.

    On a chip L is a gyrator, two transconductors 1/R_g that turn a capacitor C_L round: L = R_g^2 C_L (B. D. H.
    Tellegen, Philips Res. Rep. 3, 81-101 (1948)). Here it is ideal.
    """

    name = "second-order"
    states: ClassVar[tuple[str, ...]] = ("v", "w")
    paper = (
        "S. Calvo-Ordonez et al., The Missing U for efficient diffusion models, arXiv 2310.20092 (2023); second-order "
        "dynamics: A. Norcliffe et al., On second order behaviour in augmented neural ODEs, NeurIPS (2020)"
    )
    noisy_state: ClassVar[int] = 1

    L: float = parameter(1e-3, "H", "inductance of the cell, of a gyrator R_g^2 C_L", low=1e-15, high=1e6)

    @property
    def quality(self) -> Any:
        """Q [1]."""
        return root(self.L / self.C) / self.R

    @property
    def shortest_time(self) -> Any:
        """L/R where damping is strong, 1/sqrt(LC) where it is weak [s]: the inverse of the faster eigenvalue's modulus,
        but for a factor below 2."""
        return minimum(self.L / self.R, root(self.L * self.C))

    @property
    def swing_time(self) -> Any:
        """RC, and of what swings, 1/sqrt(LC) [s]."""
        return maximum(self.R * self.C, root(self.L * self.C))

    def start(self, v: Any, x: Any) -> tuple[Any, ...]:
        """At v, and without current."""
        return v, 0.0

    def units(self) -> tuple[float, ...]:
        """V1, of both voltages."""
        return self.V1, self.V1

    def settling(self) -> tuple[float, ...]:
        """Both voltages: at the turn of a swing v stands still. The rates are w / RC and Q^2 that of w, (D - v - w) /
        RC, so that v is within twice the bound times RC of where it ends."""
        return 1.0, float(self.quality) ** 2

    def voltage_bound(self, ideal: float) -> Any:
        """Drives that change at the worst times raise |v| above them by the integral of |h(t)|, h the impulse response
        from D to v: 1 up to Q = 1/2, coth(pi / (2 sqrt(4 Q^2 - 1))) above (about 4 Q / pi)."""
        rings = 4.0 * np.square(self.quality) - 1.0
        # coth is 1 to the last digit from an argument of 20 on
        argument = np.pi / (2.0 * np.sqrt(np.maximum(rings, (math.pi / 40.0) ** 2)))
        return ideal / np.tanh(argument)

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt and dw/dt [V/s]."""
        v, w = states
        return w / (self.R * self.C), (drive - v - w) * (self.R / self.L)

    def output(self, *states: Any) -> Any:
        """Y [V]."""
        return self.V1 * self.stage.of(states[0] / self.V1)

    def measured(self, *states: Any) -> dict[str, tuple[str, str, Any]]:
        """i = w / R."""
        return {"current": ("current through R and L", "A", states[1] / self.R)}

    def noise_conductance(self, *states: Any) -> Any:
        """1/R [S], beside R at the node before L."""
        return 1 / self.R

    def noise_gain(self) -> Any:
        """R^2 / L [V/s per A]: a current e/R beside R is a voltage e in series with it."""
        return self.R * self.R / self.L
