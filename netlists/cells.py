"""Cell circuits as subcircuits, each made of the components its equations stand for.

A cell has the pins `v` (its state; templates feed their current into it) and `y` (its output). In the op-amp circuit,
templates feed the pin `into`, the integrator's summing node, and `yn` is the inverted output; in the second-order one
`into` is the node before the inductor. `x` is the memristor's
state; `hold`, `start_v` and `start_x` keep a cell at its start until its turn comes (see `sequence`). The start of each
state is a parameter of the instance.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from PySpice.Spice.Netlist import SubCircuit

from ..circuits.array import CellArray
from ..circuits.cells import CellCircuit, ChuaYang, MCellNN, MemristiveOpAmpCell, OpAmpCell, SecondOrder
from ..circuits.hardware.amplified import Amplified, MemristiveAmplified
from ..devices.codegen.symbolic import symbolic_instance, symbols
from ..devices.errors import InputError
from ..devices.parameter import flat_parameters
from .devices import memristor_subcircuit, number, op_amp_subcircuit
from .names import identifier
from .own import own_parameters
from .printer import spice_text

SWITCH, STATE_SWITCH, DRIVER = "hold_switch", "state_switch", "op_amp_driver"


def has(cell: CellCircuit, what: str) -> bool:
    """Whether the circuit has the pin `x`, `yn`, or `into`."""
    if what == "x":
        return "x" in cell.states
    return isinstance(cell, OpAmpCell | SecondOrder if what == "into" else OpAmpCell)


def pins(cell: CellCircuit, held: bool) -> list[str]:
    """The pins of a cell, in their order."""
    names = ["into", "v"] if has(cell, "into") else ["v"]
    names += ["y"] + ["yn"] * has(cell, "yn") + ["x"] * has(cell, "x")
    return names + (["hold", "start_v"] + ["start_x"] * has(cell, "x")) * held


def name_of(array: CellArray, layer: int, held: bool) -> str:
    """The cell's subcircuit; a layer's own where its cells have values of their own."""
    return f"cell_{identifier(array.cell.name)}" + f"_{layer}" * bool(own_parameters(array)) + "_held" * held


def cell_subcircuits(array: CellArray, layer: int, held: bool) -> list[SubCircuit]:
    """The cell's subcircuit, and those of the devices in it. Raises InputError for a circuit without one."""
    cell, name = array.cell, name_of(array, layer, held)
    values = flat_parameters(cell)
    own = {spelled: number(values[given]) for given, spelled in own_parameters(array).items()}
    sub = SubCircuit(name, *pins(cell, held), **{f"{state}0": "0.0" for state in cell.states}, **own)
    devices = []
    if isinstance(cell, OpAmpCell):
        _op_amp_cell(sub, cell)
        devices.append(op_amp_subcircuit(cell.op_amp))
        # the load is the array's: see the cell's equations
        devices.append(op_amp_subcircuit(replace(cell.op_amp, output_resistance=0.0), DRIVER))
    elif isinstance(cell, ChuaYang | MCellNN):
        sub.C("cell", "v", 0, "{cell_c}", initial_condition="{v0}")
        sub.R("cell", "v", 0, "{cell_r}")
        sub.B("output", "y", 0, voltage_expression=_output_text(cell))
        if held:
            sub.S("hold", "v", "start_v", "hold", 0, model=SWITCH)
    elif isinstance(cell, SecondOrder):
        _second_order_cell(sub, cell)
    elif isinstance(cell, Amplified):
        # without the slew rate, and without the wait at a rail: a deck's steps follow what is fast
        late = cell.R * (cell.time_constant / cell.R - cell.C)
        sub.C("cell", "v", 0, f"{{cell_c+{number(late)}/cell_r}}", initial_condition="{v0}")
        taken, output = _amplified_texts(cell, own)
        sub.B("taken", "v", 0, current_expression=f"({taken})/{{cell_r}}")
        sub.B("output", "y", 0, voltage_expression=output)
        if held:
            sub.S("hold", "v", "start_v", "hold", 0, model=SWITCH)
    else:
        raise InputError(
            "cell.circuit", cell.name, "chua-yang, m-cellnn, op-amp or second-order", "others have no deck"
        )
    if isinstance(cell, MCellNN | MemristiveOpAmpCell | MemristiveAmplified):
        ends = ("into", "out_1") if has(cell, "yn") else ("v", 0)
        sub.X(
            "memristor",
            identifier(cell.memristor.name),
            *ends,
            "x",
            "hold" if held else 0,
            area="{area}" if "area" in own else number(cell.area),
            start="{x0}",
            fastest="{fastest}",
            **{spelled: f"{{{spelled}}}" for spelled in own if spelled.startswith("p_")},
        )
        devices.append(memristor_subcircuit(cell.memristor))
        if held:
            sub.S("hold_x", "x", "start_x", "hold", 0, model=STATE_SWITCH)
    return [*devices, sub]


def _output_text(cell: CellCircuit) -> str:
    """The output stage, printed from its equation."""
    twin, _ = symbolic_instance(cell)
    states: list[Any] = symbols(cell.states)
    values = {name: number(value) for name, value in flat_parameters(cell).items()}
    return spice_text(twin.output(*states), values | {"v": "V(v)", "x": "V(x)", "V1": "{v1}"})


def _amplified_texts(cell: Amplified, own: Collection[str]) -> tuple[str, str]:
    """What the cell takes of its drive [V], and its output, printed from its equations."""
    twin, _ = symbolic_instance(cell)
    (v, *_) = states = symbols(cell.states)
    values = {name: f"{{{name}}}" if name in own else number(value) for name, value in flat_parameters(cell).items()}
    values |= {"v": "V(v)", "x": "V(x)", "V1": "{v1}"}
    return spice_text(twin.taken(v), values), spice_text(twin.output(*states), values)


def _second_order_cell(sub: SubCircuit, cell: SecondOrder) -> None:
    """R at the node that templates feed, L from there to the capacitor: D/R into R is the drive D behind R."""
    sub.R("cell", "into", 0, "{cell_r}")
    sub.L("cell", "into", "v", "{cell_l}", initial_condition="{w0/cell_r}")
    sub.C("cell", "v", 0, "{cell_c}", initial_condition="{v0}")
    sub.B("output", "y", 0, voltage_expression=_output_text(cell))
    if "hold" in sub.external_nodes:
        sub.S("hold", "v", "start_v", "hold", 0, model=SWITCH)
        # no voltage across the inductor: its current stays what it is, 0
        sub.S("hold_current", "into", "v", "hold", 0, model=SWITCH)


def _op_amp_cell(sub: SubCircuit, cell: OpAmpCell) -> None:
    """Integrator, limiter with divider, driver: see `circuits.cells.op_amp` and the schematic in docs/cells.md."""
    gain = float(cell.saturation) / cell.V1
    sub.C("integrator", "into", "out_1", "{cell_c}", initial_condition="{v0}")
    sub.R("integrator", "into", "out_1", "{cell_r}")
    sub.X("integrator", "op_amp", 0, "into", "out_1", "pole_1", start="{integrator0}")
    sub.VCVS("v", "v", 0, "into", "out_1", 1)
    sub.R("limiter_in", "out_1", "minus_2", "{10*cell_r}")
    sub.R("limiter", "minus_2", "out_2", f"{{10*cell_r*{number(gain)}}}")
    sub.X("limiter", "op_amp", 0, "minus_2", "out_2", "pole_2", start="{limiter0}")
    sub.R("divider_top", "out_2", "tap", f"{{cell_r*{number(max(gain - 1, 1e-9))}}}")
    sub.R("divider", "tap", 0, "{cell_r}")
    sub.X("driver", DRIVER, "tap", "y", "y", "pole_3", start="{driver0}")
    sub.VCVS("inverted", "yn", 0, "y", 0, -1)
    if "hold" in sub.external_nodes:
        sub.S("hold", "v_held", "out_1", "hold", 0, model=SWITCH)
        sub.VCVS("hold", "into", "v_held", "start_v", 0, 1)
        bounded = "min(max(V(start_v),-({v1})),{v1})"
        for k, text in enumerate(("-V(start_v)", f"{number(gain)}*{bounded}", bounded), 1):
            sub.B(f"pole_{k}", f"start_{k}", 0, voltage_expression=text)
            sub.S(f"pole_{k}", f"pole_{k}", f"start_{k}", "hold", 0, model=SWITCH)
