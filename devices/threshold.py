"""The bipolar memristor with threshold of Pershin and Di Ventra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import clip
from .memristor import Memristor
from .parameter import parameter, require_less

SOURCE = "model R.2 of Biolek, Di Ventra, Pershin, Radioengineering 22(4), 945 (2013)"


@dataclass(frozen=True)
class Threshold(Memristor):
    """A resistance that moves at the speed alpha v below the threshold and beta (v - v_t) beyond it.

    The paper's state is the resistance itself, R from R_on to R_off:
        dR/dt = -beta v + (beta - alpha)/2 (|v + v_t| - |v - v_t|)
    so x = (R_off - R) / (R_off - R_on). A positive voltage turns the device ON (the SPICE paper,
    arXiv:1204.2600, counts the voltage the other way round: there it turns OFF).
    """

    name = "threshold"
    title = "bipolar memristor with a threshold, linear in the voltage beyond it"
    paper = (
        "Y. V. Pershin, M. Di Ventra, SPICE model of memristive devices with threshold, "
        "Radioengineering 22(2), 485-489 (2013), arXiv:1204.2600"
    )
    parameter_sets = {"ngspice-example": {"beta": 2e12, "v_t": 1.6}}

    R_on: float = parameter(1e3, "Ohm", "resistance at x = 1", low=1e-3, high=1e12, source=SOURCE)
    R_off: float = parameter(1e4, "Ohm", "resistance at x = 0", low=1e-3, high=1e15, source=SOURCE)
    alpha: float = parameter(0, "Ohm/(V s)", "speed below the threshold", low=0, high=1e20, source=SOURCE)
    beta: float = parameter(1e13, "Ohm/(V s)", "speed beyond the threshold", low=0, high=1e20, source=SOURCE)
    v_t: float = parameter(4.6, "V", "threshold", low=0, high=100, source=SOURCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_less(self, "R_on", "R_off")

    def current(self, v: Any, x: Any) -> Any:
        return v / (self.R_on * x + self.R_off * (1 - x))

    def rate(self, v: Any, x: Any) -> Any:
        # (|v + v_t| - |v - v_t|) / 2 is v clipped to +-v_t: so written, it cancels exactly below the threshold
        below = clip(v, -self.v_t, self.v_t)
        return (self.alpha * below + self.beta * (v - below)) / (self.R_off - self.R_on)
