"""TaOx memristor of Strachan et al. (HP Labs)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import exp, maximum, root, sinh, where
from .memristor import Memristor
from .parameter import parameter


@dataclass(frozen=True)
class StrachanTaOx(Memristor):
    """A metallic channel of width x in parallel with a Frenkel-Poole-like insulating path.

    The exponentials of each rate are one exponential of the summed exponents: taken one by one they
    overflow long before their product does.
    """

    name = "strachan-taox"
    title = "TaOx memristor with dynamical state"
    paper = (
        "J. P. Strachan, A. C. Torrezan, F. Miao, M. D. Pickett, J. J. Yang, W. Yi, G. Medeiros-Ribeiro, "
        "R. S. Williams, State dynamics and modeling of tantalum oxide memristors, "
        "IEEE Trans. Electron Devices 60(7), 2194-2202 (2013)"
    )
    voltage_range = (-1.0, 1.0)
    parameter_sets = {
        "ltspice-k8": {"a": 2.3e-6, "b": 1.6},
        "ltspice-k9": {"a": 3.5e-6, "b": 3.1},
        "horvath": {"x_off": 1.0},
    }

    Gm: float = parameter(0.025, "S", "conductance of the ON channel", low=1e-9, high=10)
    a: float = parameter(7.2e-6, "S", "conductance of the OFF path at 0 V", low=0, high=1)
    b: float = parameter(4.7, "V^-1/2", "field dependence of the OFF path", low=0, high=20)
    A: float = parameter(1e-10, "1/s", "RESET rate", low=0, high=1e10)
    s_off: float = parameter(0.013, "V", "RESET voltage scale", low=1e-3, high=10)
    x_off: float = parameter(0.4, "1", "RESET state scale", low=0, high=10)
    beta: float = parameter(500, "1/W", "RESET power dependence", low=0, high=1e9)
    B: float = parameter(1e-4, "1/s", "SET rate", low=0, high=1e10)
    s_on: float = parameter(0.45, "V", "SET voltage scale", low=1e-3, high=10)
    x_on: float = parameter(0.06, "1", "SET state scale", low=1e-3, high=10)
    s_p: float = parameter(4e-5, "W", "SET power scale", low=1e-9, high=1e3)

    def current(self, v: Any, x: Any) -> Any:
        return v * self.conductance(v, x)

    def conductance(self, v: Any, x: Any) -> Any:
        return self.Gm * x + self.a * exp(self.b * root(v)) * (1 - x)

    def rate(self, v: Any, x: Any) -> Any:
        power = v * self.current(v, x)
        # x = 0 divides; below 0.04 the exponent is at its bound anyway
        width = maximum(x, 1e-3)
        off = self.A * sinh(v / self.s_off) * exp(1 / (1 + self.beta * power) - (self.x_off / width) ** 2)
        on = self.B * sinh(v / self.s_on) * exp(power / self.s_p - (x / self.x_on) ** 2)
        return where(v < 0, off, on)
