"""A window of a large array as a deck: its cells, and around them the waveforms of their real neighbours."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySpice.Spice.Netlist import Circuit as Netlist
from scipy.interpolate import PchipInterpolator

from ..circuits.array import Array, CellArray
from ..circuits.circuit import Circuit
from .analysis import Accuracy, save_lines, start_lines
from .deck import add_cells, add_edge, add_inputs, add_subcircuits, empty_netlist
from .devices import number
from .names import node
from .templates import Reading, couple
from .window import Window

POINTS = 1000
"""Corners of a neighbour's waveform."""


def window_deck(
    circuit: Circuit, layer: int, window: Window, planes: Array, times: Array, outputs: Array, accuracy: Accuracy,
    points: int = POINTS,
) -> str:  # fmt: skip
    """The deck of the window of one layer under its input (channels, rows, columns), normalised.

    Neighbours outside the window put out what they put out in the grid simulator: `outputs` [V] (times, channels, rows,
    columns) at `times` [s], as waveforms of at most so many `points`.
    """
    array, run = circuit.arrays[layer], circuit.run
    netlist = empty_netlist(circuit)
    add_subcircuits(netlist, array, layer, held=False, channels=window.channels_of(array.channels))
    add_edge(netlist, array)
    start = array.start(planes)
    add_cells(netlist, array, layer, start, window, held=False)
    read = couple(netlist, array, layer, window)
    add_inputs(netlist, array, layer, planes, read)
    _add_neighbours(netlist, layer, read, window, times, outputs, points)
    lines = [str(netlist).rstrip("\n"), accuracy.options(array, 1)]
    lines += [*start_lines(array, layer, start, window), *save_lines(array, layer, window)]
    lines += [accuracy.transient(array, run.stop, run.stop, run.save), ".end"]
    return "\n".join(lines) + "\n"


def _add_neighbours(
    netlist: Netlist, layer: int, read: Iterable[Reading], window: Window, times: Array, outputs: Array, points: int
) -> None:
    finely = np.linspace(times[0], times[-1], points)
    for kind, channel, row, column in sorted(read):
        if kind[0] != "y" or (channel, row, column) in window:
            continue
        volts = PchipInterpolator(times, outputs[:, channel, row, column])(finely) * (-1 if kind == "yn" else 1)
        # corners that lie on a line add nothing: a neighbour at rest is two points
        kept = _corners(volts)
        corners = " ".join(f"{number(t)} {number(v)}" for t, v in zip(finely[kept], volts[kept], strict=True))
        name = node(kind, layer, channel, row, column)
        netlist.V(name, name, 0, "PWL(\n" + "\n".join(_continued(corners)) + ")")


def _corners(volts: Array) -> np.ndarray:
    bends = np.abs(np.diff(volts, 2)) > 1e-12 * max(float(np.abs(volts).max()), 1e-30)
    return np.flatnonzero(np.r_[True, bends, True])


def _continued(text: str) -> list[str]:
    """Text over several lines of a deck."""
    words = text.split(" ")
    return ["+ " + " ".join(words[k : k + 20]) for k in range(0, len(words), 20)]


def largest_change(array: CellArray, states: Array, size: int) -> Window:
    """The window of at most size x size cells in which the states (times, channels, rows, columns) move most."""
    moved = np.ptp(states, axis=0).sum(axis=0)
    rows, columns = min(size, array.rows), min(size, array.columns)
    total = np.zeros((array.rows + 1, array.columns + 1))
    total[1:, 1:] = moved.cumsum(0).cumsum(1)
    inside = total[rows:, columns:] - total[:-rows, columns:] - total[rows:, :-columns] + total[:-rows, :-columns]
    row, column = (int(k) for k in np.unravel_index(inside.argmax(), inside.shape))
    return Window((row, row + rows), (column, column + columns))
