"""The devices of a deck's cells: the memristor and the op-amp, from their subcircuits' parameters."""

from __future__ import annotations

import math
from typing import Any

from ..circuits.noise import BOLTZMANN
from ..devices.errors import MISSING, InputError
from ..devices.parameter import flat_parameters
from ..devices.registry import memristor_class, memristor_names
from .devices import POLE
from .names import identifier, parameter_names
from .read_lines import Instance, Netlist, Subcircuit
from .read_values import last_value, solve, value_of


def read_memristor(netlist: Netlist, cell: Subcircuit) -> dict[str, Any]:
    """`model`, `area` and `parameters` of the cell's memristor. Raises InputError for a model that is not known."""
    if "xmemristor" not in cell.elements:
        hint = "a memristor in every cell"
        raise cell.line.error(MISSING, "the element Xmemristor in this subcircuit", hint)
    instance = Instance.of(cell.elements["xmemristor"])
    if instance.subcircuit == "custom":
        hint = "a deck holds its equations in SPICE's own language: keep the spec, or make the model a class"
        raise instance.line.error("custom", "a memristor of the library", hint)
    names = {identifier(name).lower(): name for name in memristor_names()}
    if instance.subcircuit not in names:
        known = f"known: {', '.join(sorted(names))}; a model of your own has to be registered first"
        raise instance.line.error(instance.subcircuit, "the subcircuit of a memristor of the library", known)
    model = names[instance.subcircuit]
    sub = netlist.subcircuit(instance.subcircuit)
    values = {}
    for name, short in parameter_names(flat_parameters(memristor_class(model)()), "p_").items():
        if short not in sub.parameters:
            raise sub.line.error(MISSING, f"the parameter {short}: the {name} of {model}")
        values[name] = value_of(sub.line, sub.parameters[short], hint=f"the {name} of {model}")
    area = value_of(instance.line, instance.parameters.get("area", sub.parameters.get("area", "")), hint="area=NUMBER")
    return {"model": model, "area": area, "parameters": values}


def read_op_amp(netlist: Netlist) -> dict[str, Any]:
    """The `op_amp` section, from the first amplifier's macro-model."""
    sub = netlist.subcircuit("op_amp")

    def given(name: str) -> float:
        if name not in sub.parameters:
            raise sub.line.error(MISSING, f"the parameter {name}")
        return value_of(sub.line, sub.parameters[name], hint=f"the op-amp's {name}")

    gm, fastest = given("gm"), given("imax")
    section: dict[str, Any] = {
        "A0": given("gain"),
        "GBW": solve(lambda f: 2 * math.pi * f * POLE, gm, gm / (2 * math.pi * POLE)),
        "slew_rate": solve(lambda rate: rate * POLE, fastest, fastest / POLE),
        "rails": [given("low"), given("high")],
        "offset": given("offset"),
    }
    if "rout" in sub.elements:
        section["output_resistance"] = last_value(sub.elements["rout"])
    if "rnoise" in sub.elements:
        ohms, thermal = last_value(sub.elements["rnoise"]), 4 * BOLTZMANN * 300.0
        if ohms < 0:
            raise sub.elements["rnoise"].error(ohms, "a resistance of at least 0")
        section["noise"] = solve(lambda noise: noise**2 / thermal, ohms, math.sqrt(ohms * thermal))
    return section


def parameter(netlist: Netlist, name: str) -> float:
    """A value of the deck's .param lines."""
    if name not in netlist.parameters:
        raise InputError(f".param {name}", MISSING, "this parameter", "the deck has lost it")
    line, text = netlist.parameters[name]
    return value_of(line, text, hint=f"the parameter {name}")
