"""Cells behind amplifiers that are not ideal, without the amplifiers' own poles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from ...devices.errors import InputError
from ...devices.functions import clip, minimum, where
from ...devices.memristor import Memristor
from ...devices.op_amp import OpAmp
from ...devices.parameter import parameter
from ...devices.strachan_taox import StrachanTaOx
from ..cells import CellCircuit, ChuaYang, MCellNN
from ..outputs import Saturation

OFFSETS = ("integrator_offset", "stage_offset", "driver_offset")
"""Each amplifier's own, by the names of the cell's parameters."""


@dataclass(frozen=True)
class Amplified(CellCircuit):
    """The op-amp cell (`circuits.cells.OpAmpCell`) reduced to the states of the ideal one.

    The poles follow within 1/w, w = 2 pi GBW; to first order in 1/w, and exactly at rest, with a = A0 / (1 + A0):

        o = within(a (e1 - v))                                  integrator
        C (1 + L a^2 / (w R C)) dv/dt = (D - L (v + o) - v) / R - i(v, x),   |dv/dt| <= slew rate / a
        y = a (stage(e2 - o) + e2 / g + e3)                     output stage and driver

    L is the sum of |w| at the summing node, e1 to e3 the input offsets, g the gain of the output stage: V_s / V1 of a
    saturation at the nearer rail V_s, 1 of a rectifier (a precision rectifier; its diodes are ideal). While o is at a
    rail, v comes to its rest (D + L V_s) / (1 + L) within RC, not RC / (1 + L) as it would: explicit steps stay as they
    are, and y does not show it. y is late, besides, by `delay`, which is no matter of one cell: who
    integrates an array adds it (`diffusion.deployment.delay`). No output resistance.

    Singular perturbation: P. V. Kokotovic, H. K. Khalil, J. O'Reilly, Singular Perturbation Methods in Control (1986),
    chapter 2; the limits are those of docs/cells.md.
    """

    name: ClassVar[str] = "amplified"
    states: ClassVar[tuple[str, ...]] = ("v",)
    paper: ClassVar[str] = (
        "G. Manganaro, P. Arena, L. Fortuna, Cellular Neural Networks: Chaos, Complexity and VLSI, Springer (1999)"
    )

    op_amp: OpAmp = OpAmp()
    loading: float = parameter(0.0, "1", "sum of |weights| at the summing node", low=0, high=1e12)
    integrator_offset: float = parameter(0.0, "V", "input offset of the integrator", low=-1e3, high=1e3)
    stage_offset: float = parameter(0.0, "V", "input offset of the output stage", low=-1e3, high=1e3)
    driver_offset: float = parameter(0.0, "V", "input offset of the driver", low=-1e3, high=1e3)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self._saturates and self.stage.leak:  # type: ignore[attr-defined]
            hint = "output.kind: rectifier has a leak; or leave hardware.op_amp out"
            raise InputError("output.leak", self.stage.leak, "0: an op-amp saturates without a slope", hint)  # type: ignore[attr-defined]
        if self._saturates and min(-self.op_amp.low_rail, self.op_amp.high_rail) < self.V1:
            expected = f"rails of at least the voltage unit, {self.V1:g} V"
            raise InputError("op_amp.rails", self.op_amp.high_rail, expected, "raise the rails or lower voltage_unit")

    @property
    def _saturates(self) -> bool:
        return isinstance(self.stage, Saturation)

    @property
    def gain(self) -> Any:
        """That of the output stage."""
        return minimum(-self.op_amp.low_rail, self.op_amp.high_rail) / self.V1 if self._saturates else 1.0

    @property
    def delay(self) -> float:
        """By which y follows v late on a ramp [s]: the noise gains N of all three stages over w, each as far as A0 lets
        it come, N / (1 + N/A0): 1 of the integrator (the rest of it is in C), 1 + g, and 1 of the driver."""
        op_amp, gain = self.op_amp, 1.0 + self.gain
        late = 2.0 * self._share + gain * op_amp.A0 / (op_amp.A0 + gain)
        return float(late / (2 * math.pi * op_amp.GBW))

    @property
    def time_constant(self) -> Any:
        """R C with what the integrator adds [s]."""
        more = self.loading * self._share**2 / (2 * math.pi * self.op_amp.GBW)
        return self.R * self.C + more

    def integrator(self, v: Any) -> Any:
        """The integrator's output [V] at rest."""
        op_amp = self.op_amp
        return op_amp.source(self._share * (op_amp.offset + self.integrator_offset - v))

    def taken(self, v: Any) -> Any:
        """What R takes of the drive, and the summing node, as n = v + o is not 0 [V]."""
        return self.loading * (v + self.integrator(v)) + v

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt [V/s]."""
        return (self._rate(drive, states[0], 0.0),)

    def _rate(self, drive: Any, v: Any, current: Any) -> Any:
        """With this current [A] through what lies beside R and C."""
        op_amp, share = self.op_amp, self._share
        asked = share * (op_amp.offset + self.integrator_offset - v)
        charge = drive - self.taken(v) - self.R * current
        fastest = op_amp.slew_rate / share
        followed = clip(charge / self.time_constant, -fastest, fastest)
        at_a_rail = charge / ((1.0 + self.loading) * self.R * self.C)  # 1 + L times as fast is as stiff as the poles
        return where(asked > op_amp.high_rail, at_a_rail, where(asked < op_amp.low_rail, at_a_rail, followed))

    def output(self, *states: Any) -> Any:
        """Y [V]."""
        op_amp, gain = self.op_amp, self.gain
        offset = op_amp.offset + self.stage_offset
        asked = offset - self.integrator(states[0])
        share = op_amp.A0 / (op_amp.A0 + 1.0 + gain)
        if self._saturates:
            y = op_amp.source(share * (gain * asked + offset)) / gain
        else:
            y = op_amp.source(share * (self.V1 * self.stage.of(asked / self.V1) + offset))
        return self._share * (y + op_amp.offset + self.driver_offset)

    def noise_conductance(self, *states: Any) -> Any:
        """What lies between the summing node and voltages: R and the weights, (1 + loading) / R [S]."""
        return (1 + self.loading) / self.R

    def damping_conductance(self, *states: Any) -> Any:
        """What lies across C and takes its charge: R [S]."""
        return 1 / self.R

    @property
    def _share(self) -> Any:
        """What feedback leaves of a follower's gain."""
        return self.op_amp.A0 / (1.0 + self.op_amp.A0)


@dataclass(frozen=True)
class MemristiveAmplified(Amplified):
    """The same with a memristor across the integrator's capacitor, which sees v."""

    name = "amplified memristive"
    states = ("v", "x")

    area: float = parameter(1.0, "1", "area of the memristor relative to the device of its model", low=0, high=1e6)
    memristor: Memristor = StrachanTaOx()

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt [V/s] and dx/dt [1/s]."""
        v, x = states
        current = self.area * self.memristor.bounded_current(v, x)
        return self._rate(drive, v, current), self.memristor.bounded_rate(v, x)

    def noise_conductance(self, *states: Any) -> Any:
        """R, the weights and the memristor [S]."""
        v, x = states
        return super().noise_conductance() + self.area * self.memristor.bounded_conductance(v, x)

    def damping_conductance(self, *states: Any) -> Any:
        """R and the memristor [S]."""
        v, x = states
        return super().damping_conductance() + self.area * self.memristor.bounded_conductance(v, x)


def amplified(cell: CellCircuit, op_amp: OpAmp, loading: float) -> Amplified:
    """The cell with these amplifiers. Raises InputError for one that has no such circuit."""
    if type(cell) is ChuaYang:
        return Amplified(cell.C, cell.R, cell.V1, cell.stage, op_amp, loading)
    if type(cell) is MCellNN:
        return MemristiveAmplified(
            cell.C, cell.R, cell.V1, cell.stage, op_amp, loading, area=cell.area, memristor=cell.memristor
        )
    hint = "leave them out" if cell.name == "second-order" else "give cell.op_amp the amplifiers instead"
    raise InputError("op_amp", cell.name, "cells that are chua-yang or m-cellnn", hint)
