"""The generalised memristor of Yakopcic et al."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import exp, maximum, sinh, where
from .memristor import Memristor
from .parameter import parameter

SOURCE = "the author's SPICE listing of 2011"


@dataclass(frozen=True)
class Yakopcic(Memristor):
    """A metal-insulator-metal current a x sinh(b v), and a state that moves exponentially beyond two thresholds.

    The paper's x is ours. Its g(v) is 0 between -Vn and Vp; its f(x) slows the motion on the last stretch
    towards an end: from xp up to 1, and from 1 - xn down to 0. At x = 0 the device is an open circuit.
    """

    name = "yakopcic"
    title = "generalised memristor with a sinh current and thresholds"
    paper = (
        "C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, S. Rogers, A memristor device model, "
        "IEEE Electron Device Lett. 32(10), 1436-1438 (2011)"
    )
    parameter_sets = {"knowm-ltspice": {"Vp": 0.65, "Vn": 0.56}}

    a1: float = parameter(0.17, "A", "current scale for v >= 0", low=0, high=1e3, source=SOURCE)
    a2: float = parameter(0.17, "A", "current scale for v < 0", low=0, high=1e3, source=SOURCE)
    b: float = parameter(0.05, "1/V", "voltage dependence of the current", low=1e-6, high=8, source=SOURCE)
    Vp: float = parameter(0.16, "V", "positive threshold", low=0, high=80, source=SOURCE)
    Vn: float = parameter(0.15, "V", "negative threshold", low=0, high=80, source=SOURCE)
    Ap: float = parameter(4000, "1/s", "speed beyond Vp", low=0, high=1e15, source=SOURCE)
    An: float = parameter(4000, "1/s", "speed beyond -Vn", low=0, high=1e15, source=SOURCE)
    xp: float = parameter(0.3, "1", "motion upwards slows from here on", low=0, high=0.999, source=SOURCE)
    xn: float = parameter(0.5, "1", "motion downwards slows below 1 - xn", low=0, high=0.999, source=SOURCE)
    alphap: float = parameter(1, "1", "how fast motion upwards slows", low=0, high=1e3, source=SOURCE)
    alphan: float = parameter(5, "1", "how fast motion downwards slows", low=0, high=1e3, source=SOURCE)
    eta: float = parameter(1, "1", "1: positive voltage turns ON; -1: OFF", low=-1, high=1, source=SOURCE)

    def current(self, v: Any, x: Any) -> Any:
        return where(v < 0, self.a2, self.a1) * x * sinh(self.b * v)

    def rate(self, v: Any, x: Any) -> Any:
        # the thresholds of g are where its two terms meet 0
        up = self.Ap * maximum(exp(v) - exp(self.Vp), 0.0)
        down = self.An * maximum(exp(-v) - exp(self.Vn), 0.0)
        above, below = maximum(x - self.xp, 0.0), maximum(1 - self.xn - x, 0.0)
        slow_up = exp(-self.alphap * above) * (1 - above / (1 - self.xp))
        slow_down = exp(-self.alphan * below) * (1 - below / (1 - self.xn))
        return self.eta * (up - down) * where(self.eta * v < 0, slow_down, slow_up)
