"""The gains of the loop's multiplying stages, as functions of the ramp.

In the angle the probability-flow ODE is dx/dphi = v (Salimans and Ho 2022, appendix D): with f = dlog(alpha)/dphi =
-tan(phi) and g^2 = dsigma^2/dphi - 2 f sigma^2 = 2 tan(phi), Song et al.'s dx = [f x - g^2/2 score] dphi (arXiv
2011.13456, equation 13) and score = -eps/sigma give (eps - sigma x)/alpha, which is v. A sampler with noise of density
d(phi) per radian takes as much of the Langevin drift with it, whatever d is (Karras et al., arXiv 2206.00364, eq. 6):

    dx = -[v + d/(2 sigma) eps] |dphi| + sqrt(d) dW,    phi falling.

d = 2 tan(phi) = g^2 is the reverse process (`reverse`; Anderson 1982): bounded on a ramp in the log-SNR only. With
d = 2 sin(phi) (`bounded`) the drift is v + sin(phi) x + cos(phi) v for a network that predicts v: small gains on the
angle's own ramp, the same marginals. Both can be made weaker or stronger by a factor.

v and eps are linear in x and in the network's answer y, whatever it predicts, so  dx/du = into_x(u) x + into_y(u) y.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...process import Prediction
from ...process.predictions import check_prediction
from .ramps import Ramp

Spectrum = Literal["reverse", "bounded"]
LARGEST = 100.0
"""A full-scale gain beyond it asks for an input resistor of less than a hundredth of T/C: no stage is built so."""
GRID = 2001
"""Points at which the largest gain is looked for."""


@dataclass(frozen=True)
class Gains:
    """Gains of x and y, per unit of u, and the noise's density, x^2 per unit of u: each a function of u."""

    ramp: Ramp
    prediction: Prediction
    spectrum: Spectrum | None = None
    strength: float = 0.0
    """A factor on the noise's density."""

    def __post_init__(self) -> None:
        check_prediction(self.prediction)
        for name, largest in zip(("x", "the answer"), self.full_scale, strict=True):
            if not largest <= LARGEST:
                raise InputError(
                    "ramp", self.ramp.name, f"a ramp on which the gain of {name} is at most {LARGEST:g}, not "
                    f"{largest:.4g}, with a network that predicts {self.prediction}"
                    + (f" and {self.spectrum} noise" if self.spectrum else ""),
                    "log-snr keeps all gains bounded",
                )  # fmt: skip

    def at(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """into_x, into_y, density: tensors of u's shape, in double precision."""
        phi, fall = self.ramp.phi(u), self.ramp.fall(u)
        sin, cos = torch.sin(phi), torch.cos(phi)
        v_x, v_y, eps_x, eps_y = _linear(self.prediction, sin, cos)
        if self.spectrum is None or self.strength == 0.0:
            return -fall * v_x, -fall * v_y, torch.zeros_like(phi)
        half = self.strength / cos if self.spectrum == "reverse" else torch.full_like(phi, self.strength)
        return -fall * (v_x + half * eps_x), -fall * (v_y + half * eps_y), fall * 2 * half * sin

    @property
    def full_scale(self) -> tuple[float, float]:
        """The largest magnitudes of into_x and into_y: what the input resistors are sized for."""
        u = torch.linspace(0.0, 1.0, GRID, dtype=torch.float64)[:-1]  # the loop has no answer at u = 1
        into_x, into_y, _ = self.at(u)
        return float(into_x.abs().max()), float(into_y.abs().max())

    @property
    def largest_density(self) -> float:
        """The largest density of the noise, x^2 per unit of u."""
        return float(self.at(torch.linspace(0.0, 1.0, GRID, dtype=torch.float64))[2].max())


def _linear(prediction: Prediction, sin: Tensor, cos: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """v = v_x x + v_y y and eps = eps_x x + eps_y y, where y is what the network predicts."""
    none, one = torch.zeros_like(sin), torch.ones_like(sin)
    if prediction == "v":
        return none, one, sin, cos
    if prediction == "eps":
        return -sin / cos, 1 / cos, none, one
    return cos / sin, -1 / sin, 1 / sin, -cos / sin
