"""A deck that `cellnn export` wrote as a spec again.

Weights, values and starts are read from the elements, so that an edited deck is read as it now is. At the end the
spec's own netlist is compared with the deck: what a spec cannot say is an error, never left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..circuits.spec.load import load
from ..devices.errors import InputError
from .deck import build_netlist
from .names import identifier
from .read_compare import compare
from .read_description import Description, description_line, read_description
from .read_devices import parameter, read_memristor, read_op_amp
from .read_layers import read_inputs, read_template
from .read_lines import Instance, Netlist, read_netlist
from .read_starts import as_state, compact, fill_input, joint_start, read_starts, settle_input
from .read_values import Volts, source_value, value_of


def read_deck(text: str, note: Callable[[str], None] | None = None) -> dict[str, Any]:
    """The spec of a deck: `cellnn.load(read_deck(text))` is the circuit that was exported.

    `.ic`, `.save` and `.options` are not read. An input that nothing reads is not in a deck; it becomes 0. `note` is
    called with what a user may want to know. Raises InputError, naming line and element, for a deck that is not ours
    and for what a spec cannot say: a cell of another subcircuit, a cell or an input that is missing, another equation.
    """
    described = read_description(text)
    netlist = read_netlist(text)
    spec = _spec(netlist, described)
    try:
        circuit = load(spec)
    except InputError as error:
        raise error.in_file(f"line {_line_of(error.place, netlist, text)}") from None
    # its first line, the title, counts as one
    compare(netlist, read_netlist(str(build_netlist(circuit))), note or (lambda _: None))
    return spec


def _line_of(place: str, netlist: Netlist, text: str) -> int:
    """Where in the deck stands what a spec has at this place; what is no element is in the description."""
    parameters = {"cell.R": "cell_r", "cell.C": "cell_c", "cell.voltage_unit": "v1"}
    if place in parameters:
        return netlist.parameters[parameters[place]][0].number
    if place.startswith("cell.memristor"):
        cell = next(sub for sub in netlist.subcircuits.values() if "xmemristor" in sub.elements)
        instance = Instance.of(cell.elements["xmemristor"])
        own = instance if place.endswith("area") else netlist.subcircuits[instance.subcircuit]
        return own.line.number
    if place.startswith("cell.op_amp") and "op_amp" in netlist.subcircuits:
        return netlist.subcircuits["op_amp"].line.number
    return description_line(text)[0]


def _spec(netlist: Netlist, described: Description) -> dict[str, Any]:
    volts = Volts(parameter(netlist, "v1"))
    if volts.v1 <= 0:
        line, text = netlist.parameters["v1"]
        raise line.error(text, "a voltage unit above 0")
    cell: dict[str, Any] = {
        "circuit": described.circuit,
        "C": parameter(netlist, "cell_c"),
        "R": parameter(netlist, "cell_r"),
        **({"L": parameter(netlist, "cell_l")} if described.circuit == "second-order" else {}),
        "voltage_unit": volts.v1,
        "output": described.output,
    }
    inside = netlist.subcircuit(f"cell_{identifier(described.circuit)}".lower())
    starts = read_starts(netlist, described, "v0", volts)
    planes = read_inputs(netlist, _input_shape(described), volts)
    spec: dict[str, Any] = {"cellnn": 1, "name": described.name, "grid": _grid(netlist, described, volts), "cell": cell}
    spec["layers"] = [
        {"name": layer.name, "channels": layer.channels, "template": read_template(netlist, k, layer)}
        for k, layer in enumerate(described.layers)
    ]
    states = None if described.memristor is None else read_starts(netlist, described, "x0", volts)
    planes = fill_input(planes, described, starts[0], states[0] if states else None)
    if states and described.layers[0].x0 == "input":
        planes = settle_input(planes, states[0].values, volts)
    spec["input"] = compact(planes)
    spec["initial"] = joint_start(
        starts, planes, lambda u, v: u * volts.v1 == v * volts.v1, described.layers[0].initial == "input", "initial"
    )
    if states is not None:
        start = joint_start(
            states, planes, lambda u, x: as_state(u) == x, described.layers[0].x0 == "input", "cell.memristor.x0"
        )
        cell["memristor"] = {**read_memristor(netlist, inside), "x0": start}
    if described.circuit == "op-amp":
        cell["op_amp"] = read_op_amp(netlist)
    spec["run"] = _run(netlist, described)
    spec["seed"] = described.seed
    return spec


def _grid(netlist: Netlist, described: Description, volts: Volts) -> dict[str, Any]:
    grid, boundary = described.grid, described.grid.boundary.as_spec()
    if isinstance(boundary, dict):
        line = netlist.element("Vedge", "what lies beyond the boundary")
        edge = source_value(line)
        if boundary["fixed"] * volts.v1 != edge:
            boundary = {"fixed": volts.normalised(edge)}
    return {"rows": grid.rows, "columns": grid.columns, "boundary": boundary}


def _run(netlist: Netlist, described: Description) -> dict[str, Any]:
    """The run; how long it takes is what .tran says now."""
    run, layers = dict(described.run), len(described.layers)
    stop = run.get("stop")
    if netlist.transient is not None and isinstance(stop, float):
        words = netlist.transient.words
        end = value_of(netlist.transient, words[2] if len(words) > 2 else "", hint=".tran STEP STOP")
        if end != stop * layers:
            run["stop"] = end / layers
    return run


def _input_shape(described: Description) -> tuple[int, int, int]:
    return described.layers[0].inputs, described.grid.rows, described.grid.columns
