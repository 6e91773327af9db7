"""The cell of operational amplifiers, resistors and a capacitor, component by component."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ...devices.errors import InputError
from ...devices.functions import clip, maximum, minimum
from ...devices.memristor import Memristor
from ...devices.op_amp import OpAmp
from ...devices.parameter import parameter
from ...devices.strachan_taox import StrachanTaOx
from ..outputs import Saturation
from .cell import CellCircuit


@dataclass(frozen=True)
class OpAmpCell(CellCircuit):
    """Three op-amps (after G. Manganaro, P. Arena, L. Fortuna, Cellular Neural Networks, Springer 1999, section 3.1.1).

    *Integrator*: its summing node n receives every weight w through a resistor R/|w|, from y or u where w > 0 and from
    the inverted copy where w < 0; the bias likewise from +-V1. R and C lie between n and the output o_1. The state is
    the voltage across them, v = n - o_1. Where the weights of channels sum up to less than the largest, a resistor from
    n to ground makes up for it: `loading` is the sum of |w| at every cell.

    *Limiter*: inverts o_1 with the gain g = V_s / V1, V_s being the nearer rail, through 10 R and g 10 R; so it
    saturates at |v| = V1. A divider (V_s / V1 - 1) R over R brings o_2 back.

    *Driver*: a follower at the divider's tap with a second, inverted output (a fully differential amplifier): y, -y.
    Its output resistance is not modelled, as the load it drives is the array's.

        C dv/dt = D/R - loading n/R - v/R            D = sum A y + sum B u + z V1
        d p_k/dt = OpAmp.pole_rate(inverting input of amplifier k, p_k)

    With A0 and GBW without bound, n = 0 and y = V1 f(v / V1): the cell of Chua and Yang.
    """

    name = "op-amp"
    states: ClassVar[tuple[str, ...]] = ("v", "integrator", "limiter", "driver")
    paper = "G. Manganaro, P. Arena, L. Fortuna, Cellular Neural Networks: Chaos, Complexity and VLSI, Springer (1999)"

    op_amp: OpAmp = OpAmp()
    loading: float = parameter(0.0, "1", "sum of |weights| at a summing node", low=0, high=1e12)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.stage, Saturation):
            raise InputError(
                "output.kind", self.stage.name, "saturation in an op-amp cell", "its limiter saturates at the rails"
            )
        if self.stage.leak:
            raise InputError("output.leak", self.stage.leak, "0", "an op-amp saturates at its rails without a slope")
        nearer = min(-self.op_amp.low_rail, self.op_amp.high_rail)
        if nearer < self.V1:
            hint = "raise op_amp.rails or lower cell.voltage_unit"
            raise InputError("op_amp.rails", nearer, f"rails of at least the voltage unit, {self.V1:g} V", hint)

    @property
    def saturation(self) -> Any:
        """V_s [V]: where the limiter saturates, at least on one side."""
        return minimum(-self.op_amp.low_rail, self.op_amp.high_rail)

    def start(self, v: Any, x: Any) -> tuple[Any, ...]:
        """The states of ideal amplifiers at the voltage v."""
        gain = self.saturation / self.V1
        y = clip(v, -self.V1, self.V1)
        return (v, -v, gain * y, y)

    def units(self) -> tuple[float, ...]:
        """V1, and what V1 is at the limiter's output."""
        return (self.V1, self.V1, float(self.saturation), self.V1)

    def loaded(self, weights: Callable[[], float]) -> OpAmpCell:
        """With the weights' resistors at the summing node."""
        return replace(self, loading=weights())

    def voltage_bound(self, ideal: float) -> Any:
        """That of the ideal cell, and what saturated amplifiers may add."""
        return ideal + maximum(-self.op_amp.low_rail, self.op_amp.high_rail)

    def measured(self, *states: Any) -> dict[str, tuple[str, str, Any]]:
        """What the amplifiers' output stages would give without limits."""
        amplifiers = zip(self.states[-3:], states[-3:], strict=True)
        return {name: (f"{name}'s output stage, unlimited", "V", values) for name, values in amplifiers}

    def nodes(self, drive: Any, v: Any, integrator: Any, limiter: Any) -> tuple[Any, Any, Any]:
        """Voltages [V] of the summing node, of the limiter's inverting input, and of its output.

        The output resistances make this a network of two unknowns, o_1 and o_2.
        """
        Ra, gain = 10 * self.R, self.saturation / self.V1
        Rb, divider = gain * Ra, gain * self.R
        Ro = self.op_amp.output_resistance
        a, b, c = Ro / (Ra + Rb), Ro / divider, Ro * self.loading / self.R
        first = self.op_amp.source(integrator) + Ro / self.R * drive - c * v
        second = self.op_amp.source(limiter)
        below = (1 + a + c) * (1 + a + b) - a * a
        o1 = ((1 + a + b) * first + a * second) / below
        o2 = ((1 + a + c) * second + a * first) / below
        return v + o1, (o1 * Rb + o2 * Ra) / (Ra + Rb), o2

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt, and those of the amplifiers' poles [V/s]."""
        return self._rates(drive, states[0], 0.0, *states[-3:])

    def _rates(self, drive: Any, v: Any, current: Any, integrator: Any, limiter: Any, driver: Any) -> tuple[Any, ...]:
        """With this current [A] through what lies beside R and C."""
        summing, minus, o2 = self.nodes(drive, v, integrator, limiter)
        tap = o2 * (self.V1 / self.saturation)
        return (
            (drive - self.loading * summing - v) / (self.R * self.C) - current / self.C,
            self.op_amp.pole_rate(summing, integrator),
            self.op_amp.pole_rate(minus, limiter),
            self.op_amp.pole_rate(self.op_amp.source(driver), driver, tap),
        )

    def output(self, *states: Any) -> Any:
        """Y [V], the driver's output."""
        return self.op_amp.source(states[-1])

    def noise_conductance(self, *states: Any) -> Any:
        """What lies between the summing node and voltages: R and the weights, (1 + loading) / R [S]."""
        return (1 + self.loading) / self.R


@dataclass(frozen=True)
class MemristiveOpAmpCell(OpAmpCell):
    """The same with a memristor across the integrator's capacitor, so that it sees v."""

    states = ("v", "x", "integrator", "limiter", "driver")

    area: float = parameter(1.0, "1", "area of the memristor relative to the device of its model", low=0, high=1e6)
    memristor: Memristor = StrachanTaOx()

    def start(self, v: Any, x: Any) -> tuple[Any, ...]:
        """The states of ideal amplifiers at v and x."""
        v, *amplifiers = super().start(v, x)
        return (v, x, *amplifiers)

    def units(self) -> tuple[float, ...]:
        """Those without memristor, and 1 for its state."""
        v, *amplifiers = super().units()
        return (v, 1.0, *amplifiers)

    def rates(self, drive: Any, *states: Any) -> tuple[Any, ...]:
        """dv/dt [V/s], dx/dt [1/s], and those of the amplifiers' poles [V/s]."""
        v, x, *amplifiers = states
        dv, *poles = self._rates(drive, v, self.area * self.memristor.bounded_current(v, x), *amplifiers)
        return (dv, self.memristor.bounded_rate(v, x), *poles)

    def noise_conductance(self, *states: Any) -> Any:
        """R, the weights and the memristor [S]."""
        v, x = states[:2]
        return super().noise_conductance() + self.area * self.memristor.bounded_conductance(v, x)
