"""Devices as subcircuits: a memristor printed from its equations, and the op-amp's macro-model."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySpice.Spice.Netlist import SubCircuit

from ..circuits.noise import BOLTZMANN
from ..devices.codegen.symbolic import symbolic_instance, symbols
from ..devices.functions import clip
from ..devices.memristor import Memristor
from ..devices.op_amp import OpAmp
from ..devices.parameter import flat_parameters
from .behaviour import shared_sources
from .names import identifier, parameter_names

LEAK = "1e12"
"""Ohm from a memristor's state to ground: with its 1 F, 30,000 years; a path to ground ngspice wants to see."""
FADE = "1e-6"
POLE = 1e-11
"""F: the capacitor that stands for an op-amp's pole. With it, a slew rate of 13 V/us is a current of 0.13 mA."""


def number(value: float) -> str:
    """All digits of a number."""
    return repr(float(value))


def memristor_subcircuit(device: Memristor) -> SubCircuit:
    """Between `plus` and `minus` the current area i(v, x); at `state` the voltage x: 1 F driven by dx/dt, except while
    `hold` is at 1 V.

    Parameters are those of the device (named `p_...`), the area, and the start `start`.
    """
    values = flat_parameters(device)
    names = parameter_names(values, "p_")
    twin, _ = symbolic_instance(device)
    v, x = symbols(["v", "x"])
    texts = {"v": "V(plus,minus)", "x": "V(state)"} | {name: f"{{{names[name]}}}" for name in values}
    parameters: Mapping[str, object] = {names[name]: number(value) for name, value in values.items()}
    sub = SubCircuit(
        identifier(device.name), "plus", "minus", "state", "hold", **parameters, area="1.0", start="0.0", fastest="1e13"
    )
    equations = twin.bounded_current(v, x), twin.rate(v, clip(x, 0.0, 1.0))
    current, rate = shared_sources(sub, equations, texts)
    sub.B("current", "plus", "minus", current_expression=f"{{area}}*({current})")
    sub.B("unbounded", "rate", 0, voltage_expression=f"min(max({rate},-({{fastest}})),{{fastest}})")
    moving = _bounded("V(rate)")
    sub.B("rate", 0, "state", current_expression=f"V(hold)>0.5 ? 0 : ({moving})")
    sub.C("state", "state", 0, 1, initial_condition="{start}")
    sub.R("leak", "state", 0, LEAK)
    return sub


def _bounded(rate: str) -> str:
    """The rate, limited to +-`fastest`, and not pointing out of [0, 1]: within 1e-6 beyond an end it fades to 0.

    A TaOx memristor may switch within 1e-30 s, far less than the last digit of ngspice's time; with the limit it takes
    1e-13 s or a ten-millionth of the run, which no other voltage notices.

    The other backends cut it off at the end itself. An implicit step onto a rate that jumps has no solution, and
    ngspice would make its step ever smaller; with this, it finds one within 1e-6 of theirs.
    """
    above = f"max({rate},0)*min(max(({FADE}+1-V(state))/{FADE},0),1)+min({rate},0)"
    below = f"max({rate},0)+min({rate},0)*min(max((V(state)+{FADE})/{FADE},0),1)"
    return f"V(state)>=1 ? {above} : (V(state)<=0 ? {below} : {rate})"


def op_amp_subcircuit(amplifier: OpAmp, name: str = "op_amp") -> SubCircuit:
    """The macro-model of `devices.op_amp`, made of components: a limited transconductance into the pole's capacitor, a
    clamp at the rails, a source that stays between them, and the output resistance.

    The input noise is that of a resistor in series with the plus input, which carries no current: it shows in `.noise`
    at 300 K and nowhere else. `pole` is a pin for what holds the amplifier at its start.
    """
    parameters = {
        "gm": number(2 * math.pi * amplifier.GBW * POLE),
        "gain": number(amplifier.A0),
        "imax": number(amplifier.slew_rate * POLE),
        "offset": number(amplifier.offset),
        "low": number(amplifier.low_rail),
        "high": number(amplifier.high_rail),
    }
    sub = SubCircuit(name, "plus", "minus", "out", "pole", **parameters, start="0.0")
    plus = "plus"
    if amplifier.noise > 0:
        plus = "input"
        sub.R("noise", "plus", plus, number(amplifier.noise**2 / (4 * BOLTZMANN * 300.0)))
    pull = f"{{gm}}*(V({plus},minus)+({{offset}}))-{{gm/gain}}*V(pole)"
    between = "min(max(V(pole),({low})),({high}))"
    current = f"min(max({pull},-({{imax}})),{{imax}})-{{gm}}*(V(pole)-{between})"
    sub.B("pole", 0, "pole", current_expression=current)
    sub.C("pole", "pole", 0, number(POLE), initial_condition="{start}")
    behind = "source" if amplifier.output_resistance > 0 else "out"
    sub.B("out", behind, 0, voltage_expression=between)
    if amplifier.output_resistance > 0:
        sub.R("out", behind, "out", number(amplifier.output_resistance))
    return sub
