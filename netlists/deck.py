"""A circuit as a PySpice circuit: cells, templates, inputs, and layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySpice.Spice.Netlist import Circuit as Netlist

from ..circuits.array import Array, CellArray
from ..circuits.cells import SecondOrder
from ..circuits.circuit import Circuit
from ..circuits.hardware import Border
from ..devices.errors import InputError
from .cells import cell_subcircuits, has, name_of, pins
from .devices import number
from .names import node
from .own import check_own, own_parameters, value_at
from .sequence import feed_from_layer_before, hold_at_start, switch_models
from .templates import EDGE, Reading, couple, template_subcircuits
from .window import Window


def build_netlist(circuit: Circuit, sample: int | None = None) -> Netlist:
    """The circuit as PySpice objects: add to it, or run `netlist.simulator()` on it.

    Of a batch, `sample` says which. Raises InputError for a batch without it, and for cells with values of their own.
    """
    planes = one_sample(circuit, sample)
    netlist = empty_netlist(circuit)
    for layer, array in enumerate(circuit.arrays):
        add_subcircuits(netlist, array, layer, held=layer > 0)
    add_edge(netlist, circuit.arrays[0])
    for layer, array in enumerate(circuit.arrays):
        if layer > 0:
            feed_from_layer_before(netlist, array, layer, circuit.run.stop)
        start = start_of(array, layer, planes)
        add_cells(netlist, array, layer, start, Window.all_of(array), held=layer > 0)
        read = couple(netlist, array, layer, Window.all_of(array))
        if layer == 0:
            add_inputs(netlist, array, layer, planes, read)
    if len(circuit.arrays) > 1:
        switch_models(netlist, circuit.arrays[0].cell.R, circuit.run.stop)
    return netlist


def one_sample(circuit: Circuit, sample: int | None) -> Array:
    """What stands at the input (channels, rows, columns) in one sample."""
    for array in circuit.arrays:
        check_own(array)
    planes = circuit.input[_index(circuit, sample)] if circuit.input.ndim == 4 else circuit.input
    if circuit.input.ndim == 3 and sample not in (None, 0):
        raise InputError("sample", sample, "0: the input is a single sample")
    if circuit.hardware is None:
        return planes
    return Border(circuit.hardware, circuit.seeds, circuit.arrays[0].name).driven(planes[np.newaxis])[0]


def _index(circuit: Circuit, sample: int | None) -> int:
    samples = len(circuit.input)
    if sample is None:
        raise InputError("input", f"{samples} samples", "one sample for a deck", "choose one: --sample 0")
    if not 0 <= sample < samples:
        raise InputError("sample", sample, f"a number from 0 to {samples - 1}")
    return sample


def empty_netlist(circuit: Circuit) -> Netlist:
    """The title, and the parameters all subcircuits know."""
    netlist = Netlist(" ".join(circuit.name.encode("ascii", "replace").decode().split()) or "cellnn array")
    cell = circuit.arrays[0].cell
    for name, value in (("cell_r", cell.R), ("cell_c", cell.C), ("v1", cell.V1)):
        netlist.parameter(name, number(value))
    if isinstance(cell, SecondOrder):
        netlist.parameter("cell_l", number(cell.L))
    netlist.parameter("fastest", number(max(1e13, 1e7 / circuit.run.stop)))
    return netlist


def add_subcircuits(
    netlist: Netlist, array: CellArray, layer: int, held: bool, channels: Iterable[int] | None = None
) -> None:
    """Those of the cell and of the templates of the layer's channels; of those known already, none."""
    known = {sub.name for sub in netlist.subcircuits}
    for sub in cell_subcircuits(array, layer, held):
        if sub.name not in known:
            netlist.subcircuit(sub)
    for channel in range(array.channels) if channels is None else channels:
        for sub in template_subcircuits(array, layer, channel):
            netlist.subcircuit(sub)


def add_edge(netlist: Netlist, array: CellArray) -> None:
    """What lies beyond a fixed boundary, outputs and inputs alike."""
    if array.boundary.kind == "fixed":
        value = array.boundary.value * array.cell.V1
        netlist.V("edge", EDGE, 0, f"DC {number(value)}")
        if has(array.cell, "yn"):
            netlist.V("edgen", EDGE + "n", 0, f"DC {number(-value)}")


def add_inputs(netlist: Netlist, array: CellArray, layer: int, planes: Array, read: Iterable[Reading]) -> None:
    """A source for every pixel that a weight reads."""
    for kind, *place in sorted(read):
        if kind[0] == "u":
            volts = float(planes[tuple(place)]) * array.cell.V1 * (-1 if kind == "un" else 1)
            name = node(kind, layer, *place)
            netlist.V(name, name, 0, f"DC {number(volts)}")


def add_cells(netlist: Netlist, array: CellArray, layer: int, start: Array, window: Window, held: bool) -> None:
    """An instance of the cell for every place of the window."""
    kinds = [pin if pin != "into" else "n" for pin in pins(array.cell, held=False)]
    for place in window.places(array.channels):
        ends = [node(kind, layer, *place) for kind in kinds]
        if held:
            ends += hold_at_start(netlist, array, layer, place, start)
        values = {f"{state}0": number(plane[place]) for state, plane in zip(array.cell.states, start, strict=True)}
        values |= {spelled: number(value_at(array, name, place)) for name, spelled in own_parameters(array).items()}
        netlist.X("_".join(map(str, (layer, *place))), name_of(array, layer, held), *ends, **values)


def start_of(array: CellArray, layer: int, planes: Array) -> Array:
    """The states at the start; of a later layer that starts from its input, 0 until it is known."""
    if layer == 0:
        return array.start(planes)
    return array.start(np.zeros((array.input_channels, array.rows, array.columns)))
