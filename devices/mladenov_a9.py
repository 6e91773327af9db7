"""The reduced TaOx memristor A9 of Mladenov."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import exp, maximum, power, sin, sinh, where
from .memristor import Memristor
from .parameter import parameter

PI = 3.141592653589793
SOURCE = "the author's Octave library, A9"


@dataclass(frozen=True)
class MladenovA9(Memristor):
    """Strachan's rates (`strachan-taox`) times a window, with h v^2 in place of the Frenkel-Poole-like path.

    The window joins Biolek's, with the sign of the voltage, and a sine: 0 at the end the voltage drives to.
    The author's Octave code smooths the step at v = 0 over about a millivolt; here it is sharp. (A file
    called A9 in the same author's LTspice library holds another, polynomial, model.)
    """

    name = "mladenov-a9"
    title = "reduced TaOx memristor with a window"
    paper = (
        "V. Mladenov, A Modified Tantalum Oxide Memristor Model for Neural Networks with Memristor-Based "
        "Synapses, 9th Int. Conf. Modern Circuits and Systems Technologies (MOCAST), 1-4 (2020)"
    )
    voltage_range = (-0.5, 0.5)  # the author's own runs stay within +-0.47 V

    Gm: float = parameter(0.025, "S", "conductance of the ON channel", low=1e-9, high=10, source=SOURCE)
    h: float = parameter(0.014, "S/V^2", "OFF path: conductance per squared volt", low=0, high=10, source=SOURCE)
    A: float = parameter(1e-10, "1/s", "RESET rate", low=0, high=1e10, source=SOURCE)
    s_off: float = parameter(0.013, "V", "RESET voltage scale", low=1e-3, high=10, source=SOURCE)
    x_off: float = parameter(0.4, "1", "RESET state scale", low=0, high=10, source=SOURCE)
    beta: float = parameter(500, "1/W", "RESET power dependence", low=0, high=1e9, source=SOURCE)
    B: float = parameter(1e-4, "1/s", "SET rate", low=0, high=1e10, source=SOURCE)
    s_on: float = parameter(0.45, "V", "SET voltage scale", low=1e-3, high=10, source=SOURCE)
    x_on: float = parameter(0.06, "1", "SET state scale", low=1e-3, high=10, source=SOURCE)
    s_p: float = parameter(4e-5, "W", "SET power scale", low=1e-9, high=1e3, source=SOURCE)
    m: float = parameter(1.1, "1", "weight of the sine in the window", low=0, high=1e3, source=SOURCE)
    p: float = parameter(3, "1", "steepness of the window", low=1, high=100, source=SOURCE)

    def current(self, v: Any, x: Any) -> Any:
        return v * (self.Gm * x + self.h * v**2 * (1 - x))

    def rate(self, v: Any, x: Any) -> Any:
        dissipated = v * self.current(v, x)
        # x = 0 divides; below 0.04 the exponent is at its bound anyway
        width = maximum(x, 1e-3)
        off = self.A * sinh(v / self.s_off) * exp(1 / (1 + self.beta * dissipated) - (self.x_off / width) ** 2)
        on = self.B * sinh(v / self.s_on) * exp(dissipated / self.s_p - (x / self.x_on) ** 2)
        edge = 1 - power(x - where(v < 0, 1.0, 0.0), 2 * self.p)
        return where(v < 0, off, on) * (edge + self.m * sin(PI * x) ** 2) / (1 + self.m)
