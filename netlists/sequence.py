"""Layers in sequence, as hardware runs them: layer L works from L stop to (L + 1) stop.

Until then switches hold its cells at their start. Its input is the output that the layer before has at L stop, taken by
a sample-and-hold for every pixel: a switch, a capacitor and a buffer.
"""

from __future__ import annotations

import numpy as np
from PySpice.Spice.Netlist import Circuit as Netlist

from ..circuits.array import Array, CellArray
from .cells import STATE_SWITCH, SWITCH, has
from .devices import number
from .names import node

HELD = "1e-12"
"""F: with the switch's resistance it follows within femtoseconds; its only load is a buffer."""


def control(layer: int) -> str:
    """The node that is at 1 V until the layer's turn comes, and at 0 V from then on."""
    return f"hold_{layer}"


def switch_models(netlist: Netlist, R: float, stop: float) -> None:
    """The switch of holds and samplers, and that of memristor states, whose 1 F it charges well within a run.

    Lower resistances would only carry the rounding of voltages as currents, and ngspice would follow these.
    """
    netlist.model(SWITCH, "SW", Ron=number(1e-7 * R), Roff="1e15", Vt="0.5", Vh="0")
    netlist.model(STATE_SWITCH, "SW", Ron=number(1e-3 * stop / 40), Roff="1e15", Vt="0.5", Vh="0")


def feed_from_layer_before(netlist: Netlist, array: CellArray, layer: int, stop: float) -> None:
    """The control of this layer, and its inputs."""
    begin, edge = layer * stop, 1e-9 * stop
    pulse = (
        f"PULSE(1 0 {number(begin - edge)} {number(edge)} {number(edge)} {number(1e3 * begin)} {number(2e3 * begin)})"
    )
    netlist.V(control(layer), control(layer), 0, pulse)
    for place in np.ndindex(array.input_channels, array.rows, array.columns):
        name = "_".join(map(str, (layer, *place)))
        held, u = f"h_{name}", node("u", layer, *place)
        netlist.S(f"h_{name}", node("y", layer - 1, *place), held, control(layer), 0, model=SWITCH)
        netlist.C(f"h_{name}", held, 0, HELD, initial_condition="0")
        netlist.VCVS(f"u_{name}", u, 0, held, 0, 1)
        if has(array.cell, "yn"):
            netlist.VCVS(f"un_{name}", node("un", layer, *place), 0, held, 0, -1)


def hold_at_start(netlist: Netlist, array: CellArray, layer: int, place: tuple[int, ...], start: Array) -> list[str]:
    """The pins that hold a cell: the control, and the sources of its start."""
    name = "_".join(map(str, (layer, *place)))
    u = node("u", layer, place[0] if array.input_channels > 1 else 0, *place[1:])
    ends = [control(layer), f"sv_{name}"]
    if array.initial is None:
        netlist.VCVS(f"sv_{name}", ends[1], 0, u, 0, 1)
    else:
        netlist.V(f"sv_{name}", ends[1], 0, f"DC {number(start[0][place])}")
    if has(array.cell, "x"):
        ends.append(f"sx_{name}")
        if array.x0 is None:
            scaled = f"0.5+0.5*min(max(V({u})/{number(array.cell.V1)},-1),1)"
            netlist.B(f"sx_{name}", ends[2], 0, voltage_expression=scaled)
        else:
            netlist.V(f"sx_{name}", ends[2], 0, f"DC {number(start[1][place])}")
    return ends
