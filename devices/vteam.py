"""VTEAM, the voltage threshold adaptive memristor of Kvatinsky et al."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import maximum, power
from .memristor import Memristor
from .parameter import parameter, require_less

SOURCE = "defaults of the authors' Verilog-A model, as carried by MemTorch"


@dataclass(frozen=True)
class Vteam(Memristor):
    """A state that only moves beyond two threshold voltages, with the linear I-V of the paper.

    The paper's state w runs from w_on (ON) to w_off (OFF): x = (w_off - w) / (w_off - w_on), so dx/dt is
    -dw/dt over the length D = w_off - w_on. In the paper a positive voltage beyond v_off turns the device
    OFF; with k_off < 0 and k_on > 0 it is turned round, and a positive voltage turns it ON. The windows f_on
    and f_off are 1: the hard limits at 0 and 1 hold the state. The paper's exponential I-V is not offered.
    """

    name = "vteam"
    title = "general voltage-controlled memristor with thresholds"
    paper = (
        "S. Kvatinsky, M. Ramadan, E. G. Friedman, A. Kolodny, VTEAM: A General Model for Voltage-Controlled "
        "Memristors, IEEE Trans. Circuits Syst. II 62(8), 786-790 (2015)"
    )
    parameter_sets = {
        "turned-round": {"k_off": -5e-4, "k_on": 10},
        # as used for memristor-aided logic, there with Biolek's window
        "magic": {
            "R_on": 1e3, "R_off": 3e5, "k_off": 0.091, "k_on": -216.2,
            "v_off": 0.3, "v_on": -1.5, "a_off": 4, "a_on": 4,
        },
    }  # fmt: skip

    R_on: float = parameter(50, "Ohm", "resistance at x = 1", low=1e-3, high=1e12, source=SOURCE)
    R_off: float = parameter(1000, "Ohm", "resistance at x = 0", low=1e-3, high=1e15, source=SOURCE)
    D: float = parameter(3e-9, "m", "w_off - w_on", low=1e-12, high=1, source=SOURCE)
    k_off: float = parameter(5e-4, "m/s", "dw/dt at twice v_off", low=-1e6, high=1e6, source=SOURCE)
    k_on: float = parameter(-10, "m/s", "dw/dt at twice v_on", low=-1e6, high=1e6, source=SOURCE)
    v_off: float = parameter(0.02, "V", "positive threshold", low=1e-3, high=100, source=SOURCE)
    v_on: float = parameter(-0.2, "V", "negative threshold", low=-100, high=-1e-3, source=SOURCE)
    a_off: float = parameter(1, "1", "exponent beyond v_off", low=1, high=20, source=SOURCE)
    a_on: float = parameter(3, "1", "exponent beyond v_on", low=1, high=20, source=SOURCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_less(self, "R_on", "R_off")

    def current(self, v: Any, x: Any) -> Any:
        return v / (self.R_on * x + self.R_off * (1 - x))

    def rate(self, v: Any, x: Any) -> Any:
        off = self.k_off * power(maximum(v / self.v_off - 1, 0.0), self.a_off)
        on = self.k_on * power(maximum(v / self.v_on - 1, 0.0), self.a_on)
        return -(off + on) / self.D
