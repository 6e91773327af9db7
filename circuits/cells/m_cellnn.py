"""The memristive cell: a memristor beside the capacitor and the resistor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...devices.memristor import Memristor
from ...devices.parameter import parameter
from ...devices.strachan_taox import StrachanTaOx
from .cell import CellCircuit


@dataclass(frozen=True)
class MCellNN(CellCircuit):
    """C dv/dt = -v/R - area i(v, x) + drive/R,  dx/dt = g(v, x),  y = V1 f(v/V1).

    The area multiplies the current of the device; its state moves as in a device of unit area.
    """

    name = "m-cellnn"
    states = ("v", "x")
    paper = (
        "M-CNN cell of A. Ascoli, R. Tetzlaff and L. Chua, as given by D. Biolek et al., IEEE Access 9, 30242 (2021)"
    )

    area: float = parameter(1.0, "1", "area of the memristor relative to the device of its model", low=0, high=1e6)
    memristor: Memristor = StrachanTaOx()

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt [V/s] and dx/dt [1/s]."""
        v, x = states
        memristor_current = self.area * self.memristor.bounded_current(v, x)
        return (
            (drive - v) / (self.R * self.C) - memristor_current / self.C,
            self.memristor.bounded_rate(v, x),
        )

    def output(self, *states: Any) -> Any:
        """Y [V]."""
        v, _ = states
        return self.V1 * self.stage.of(v / self.V1)

    def noise_conductance(self, *states: Any) -> Any:
        """1/R + area i(v, x)/v [S]."""
        v, x = states
        return 1 / self.R + self.area * self.memristor.bounded_conductance(v, x)
