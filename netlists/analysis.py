"""What turns a netlist into a deck that runs: start values, options, the transient analysis, what is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from ..circuits.array import Array, CellArray
from ..circuits.cells import ChuaYang, SecondOrder
from .cells import has
from .devices import number
from .names import node
from .window import Window


@dataclass(frozen=True)
class Accuracy:
    """How accurately ngspice integrates: its relative tolerance, and steps per time constant RC, or radian of a
    swing, at least."""

    reltol: float = 1e-6
    steps: float = 100.0

    def options(self, array: CellArray, layers: int) -> str:
        """The .options line. One layer of plain cells is not stiff: there, the trapezoidal rule is twice as accurate
        as Gear's; and it does not damp a swing. With switches that hold later layers it would ring."""
        method = "trap" if isinstance(array.cell, ChuaYang | SecondOrder) and layers == 1 else "gear"
        vntol = number(min(1e-6, self.reltol * 1e-3 * array.cell.V1))
        reltol = number(self.reltol)
        return f".options method={method} reltol={reltol} abstol=1e-13 vntol={vntol} chgtol=1e-18 trtol=1 itl4=50"

    def transient(self, array: CellArray, stop: float, end: float, save: int) -> str:
        """The .tran line, from 0 to `end`; every layer's run takes `stop`."""
        step = stop / (save - 1)
        longest = min(step, stop / 200, float(array.cell.swing_time) / self.steps)
        return f".tran {number(step)} {number(end)} 0 {number(longest)} uic"


Signal = tuple[str, int, Window]
"""Kind of node, layer and cells."""


def signals(array: CellArray, layer: int, window: Window) -> list[Signal]:
    """What the simulation returns of a layer: states, outputs, memristor states."""
    return [(kind, layer, window) for kind in ("v", "y", *(["x"] if has(array.cell, "x") else []))]


def nodes_of(signal: Signal, channels: int) -> list[str]:
    """The nodes of a signal, in the order of an array (channels, rows, columns)."""
    kind, layer, window = signal
    return [node(kind, layer, *place) for place in window.places(channels)]


def start_lines(array: CellArray, layer: int, start: Array, window: Window) -> Iterator[str]:
    """The start of every saved node: the first point of a transient with uic shows it."""
    y = np.broadcast_to(array.cell.output(*start), array.shape)
    planes = {"v": start[0], "y": y} | ({"x": start[1]} if has(array.cell, "x") else {})
    for signal in signals(array, layer, window):
        values = window.cut(planes[signal[0]]).ravel()
        names = nodes_of(signal, array.channels)
        yield from listed(".ic", [f"v({name})={number(v)}" for name, v in zip(names, values, strict=True)])


def save_lines(array: CellArray, layer: int, window: Window) -> Iterator[str]:
    """The .save lines of what the simulation returns."""
    for signal in signals(array, layer, window):
        yield from listed(".save", [f"v({name})" for name in nodes_of(signal, array.channels)])


def listed(command: str, words: list[str]) -> Iterator[str]:
    """A command with many words, over several lines."""
    for line in wrap(" ".join(words), 500, break_long_words=False, break_on_hyphens=False):
        yield f"{command} {line}"
