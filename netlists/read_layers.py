"""Templates, inputs and starts of a deck, from its elements."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..circuits.array import Array
from ..devices.errors import MISSING
from .names import node
from .read_description import LayerDescription
from .read_lines import Instance, Line, Netlist, Subcircuit
from .read_values import Volts, last_value, source_value

_TAP = re.compile(r"[gr]([ab])_([0-9]{1,9})_([0-9]{1,9})_([0-9]{1,9})")


def tap_weight(line: Line) -> float:
    """The weight of a template's element: w of {w/cell_r}, |w| of {cell_r/|w|}."""
    if line.name[0] in "rR":
        weight = last_value(line, "{cell_r/NUMBER}")
        if weight <= 0:
            hint = "the sign is in the node it reads: yn and un are the inverted ones"
            raise line.error(line.words[-1], "{cell_r/NUMBER} with a number above 0", hint)
        return weight
    return last_value(line, "{NUMBER/cell_r}")


def read_template(netlist: Netlist, layer: int, described: LayerDescription) -> dict[str, Any]:
    """A, B and z of a layer as a spec writes them."""
    for channel in range(described.channels):  # before anything is allocated
        netlist.subcircuit(f"template_{layer}_{channel}")
    A = np.zeros((described.channels, described.channels, *described.A))
    B = np.zeros((described.channels, described.inputs, *described.B))
    z = np.zeros(described.channels)
    for channel in range(described.channels):
        sub = netlist.subcircuit(f"template_{layer}_{channel}")
        for name, line in sub.elements.items():
            form = _TAP.fullmatch(name)
            if form is None:
                continue  # the bias, below; others are refused when the deck is compared
            kernels, place = A if form[1] == "a" else B, tuple(int(k) for k in form.groups()[1:])
            if any(k >= n for k, n in zip(place, kernels.shape[1:], strict=True)):
                expected = f"a place in a kernel of {' x '.join(map(str, kernels.shape[1:]))}, counted from 0"
                raise line.error(line.name, expected, "sizes are in the line `* cellnn-deck:`")
            kernels[(channel, *place)] = tap_weight(line) * _sign(netlist, sub, name, layer, channel)
        z[channel] = _bias(sub)
    if described.channels == described.inputs == 1:
        return {"A": A[0, 0].tolist(), "B": B[0, 0].tolist(), "z": float(z[0])}
    return {"A": A.tolist(), "B": B.tolist(), "z": z.tolist()}


def _sign(netlist: Netlist, sub: Subcircuit, element: str, layer: int, channel: int) -> float:
    """The sign of a weight that is a resistor: whether the first cell's instance reads an inverted node."""
    if element[0] == "g":
        return 1.0
    name = f"Xt_{layer}_{channel}_0_0"
    instance = Instance.of(netlist.element(name, "the template of the first cell"))
    read = dict(zip(sub.pins, instance.nodes, strict=False)).get(element[1:])
    if read is None:
        raise sub.elements[element].error(MISSING, f"a pin {element[1:]} of {sub.name}, and a node for it in {name}")
    return -1.0 if read.split("_")[0] in ("yn", "un", "edgen") else 1.0


def _bias(sub: Subcircuit) -> float:
    if "iz" in sub.elements:
        return last_value(sub.elements["iz"], "{NUMBER*v1/cell_r}")
    if "rz" in sub.elements and "vz" in sub.elements:
        volts, line = last_value(sub.elements["vz"], "{NUMBER*v1}"), sub.elements["rz"]
        return tap_weight(line) * volts
    return 0.0


def read_inputs(netlist: Netlist, shape: tuple[int, int, int], volts: Volts) -> Array:
    """The first layer's normalised input (channels, rows, columns); NaN where there is no source, as nothing reads it.

    In the op-amp circuit a pixel may have a source, an inverted one, or both.
    """
    found = np.full(shape, np.nan)
    for place in np.ndindex(shape):
        for kind, sign in (("un", -1.0), ("u", 1.0)):
            line = netlist.elements.get("v" + node(kind, 0, *place))
            if line is None:
                continue
            found[place] = sign * source_value(line)
            if not -volts.v1 <= found[place] <= volts.v1:
                raise line.error(f"{source_value(line):g} V", f"an input from -V1 to V1, {volts.v1:g} V")
    return volts.planes(found)
