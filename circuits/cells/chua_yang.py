"""The plain cell: a capacitor, a resistor and a saturating output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .cell import CellCircuit


@dataclass(frozen=True)
class ChuaYang(CellCircuit):
    """C dv/dt = -v/R + drive/R,  y = V1 f(v/V1)  (Chua & Yang 1988, eqs. 2a and 2b)."""

    name = "chua-yang"
    states = ("v",)
    paper = (
        "L. O. Chua, L. Yang, Cellular neural networks: theory, "
        "IEEE Trans. Circuits and Systems 35(10), 1257-1272 (1988)"
    )

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt [V/s]."""
        (v,) = states
        return ((drive - v) / (self.R * self.C),)

    def output(self, *states: Any) -> Any:
        """Y [V]."""
        (v,) = states
        return self.V1 * self.stage.of(v / self.V1)

    def noise_conductance(self, *states: Any) -> Any:
        """1/R [S]."""
        return 1 / self.R
