"""Templates as subcircuits: one for each channel, an instance for each cell, with the nodes around it.

A channel with very many weights has several, `template_L_k`, `template_L_k_1` and so on, which feed the same node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySpice.Spice.Netlist import Circuit, SubCircuit

from ..circuits.array import CellArray
from ..circuits.boundary import Boundary
from ..circuits.cells import OpAmpCell
from .cells import has
from .devices import number
from .names import node
from .own import at, bias_of, own_parameters, value_at, weights_of
from .window import Window

EDGE = "edge"
"""The node, and with n its inverted copy, of what lies beyond a fixed boundary."""
MOST = 900
"""Weights of a subcircuit: ngspice 39 stops at an instance of more than 1,004 nodes (N_GLOBAL_NODES)."""


@dataclass(frozen=True)
class Tap:
    """One weight of a channel's template: matrix A or B, the channel it reads, and its place in the kernel."""

    matrix: str
    channel: int
    row: int
    column: int
    weights: NDArray[np.float64]
    """Of every cell (rows, columns); (1, 1) where all have the same."""
    shift: tuple[int, int]
    """Rows and columns from the cell to the one it reads."""

    @property
    def weight(self) -> float:
        """The weight all cells have."""
        return float(self.weights[0, 0])

    @property
    def name(self) -> str:
        """`A_0_1_2`: the matrix, the channel read, the row and column of the kernel."""
        return f"{self.matrix}_{self.channel}_{self.row}_{self.column}"


def taps(array: CellArray, channel: int) -> Iterator[Tap]:
    """The weights of a channel that are not 0, of some cell at least."""
    for matrix in "AB":
        kernels = weights_of(array, matrix, channel)
        _, rows, columns, _, _ = kernels.shape
        for into, k, m in np.argwhere(kernels.any(axis=(-1, -2))).tolist():
            yield Tap(matrix, into, k, m, kernels[into, k, m], (k - rows // 2, m - columns // 2))


def name_of(layer: int, channel: int, part: int = 0) -> str:
    """The subcircuit of a channel's template, or of one of its further parts."""
    return f"template_{layer}_{channel}" + f"_{part}" * (part > 0)


def parts_of(found: list[Tap]) -> list[list[Tap]]:
    """The weights of a channel by the subcircuits they are in; at least one."""
    return [found[k : k + MOST] for k in range(0, max(len(found), 1), MOST)]


def template_subcircuits(array: CellArray, layer: int, channel: int) -> Iterator[SubCircuit]:
    """Every weight w as a controlled source of w V(tap) / R into `into`; in the op-amp circuit as a resistor R / |w|,
    whose node is the inverted one where w < 0. Weights, bias and R that cells have of their own are parameters."""
    every = list(taps(array, channel))
    yield _template(array, name_of(layer, channel), every[:MOST], every, bias_of(array, channel))
    for part, found in enumerate(parts_of(every)[1:], 1):
        yield _template(array, name_of(layer, channel, part), found, every, None)


def _template(
    array: CellArray, name: str, found: list[Tap], every: list[Tap], biases: NDArray[np.float64] | None
) -> SubCircuit:
    """One with these of all the weights; with the bias, where there is one."""
    resistive = isinstance(array.cell, OpAmpCell)
    own = {f"w_{tap.name}": "0.0" for tap in found if tap.weights.size > 1}
    own |= {"w_z": "0.0"} if biases is not None and biases.size > 1 else {}
    own |= {"cell_r": number(array.cell.R)} if "R" in own_parameters(array) else {}
    sub = SubCircuit(name, "into", *(tap.name for tap in found), **own)
    for tap in found:
        if resistive:
            sub.R(tap.name, tap.name, "into", f"{{cell_r/{number(abs(tap.weight))}}}")
        else:
            weight = f"w_{tap.name}" if tap.weights.size > 1 else number(tap.weight)
            sub.VCCS(tap.name, 0, "into", tap.name, 0, f"{{{weight}/cell_r}}")
    if biases is None:
        return sub
    bias = float(biases[0, 0])
    if resistive:
        if bias:
            sub.V("z", "bias", 0, f"{{{number(np.sign(bias))}*v1}}")
            sub.R("z", "bias", "into", f"{{cell_r/{number(abs(bias))}}}")
        rest = array.cell.loading - sum(abs(tap.weight) for tap in every) - abs(bias)  # type: ignore[attr-defined]
        if rest > 1e-12 * max(array.cell.loading, 1.0):  # type: ignore[attr-defined]
            sub.R("rest", "into", 0, f"{{cell_r/{number(rest)}}}")
    else:  # of 0, too: a channel without weights would be an empty subcircuit
        sub.I("z", 0, "into", f"{{{'w_z' if biases.size > 1 else number(bias)}*v1/cell_r}}")
    return sub


Reading = tuple[str, int, int, int]
"""A node that is read: kind, channel, row, column."""


def couple(circuit: Circuit, array: CellArray, layer: int, window: Window) -> set[Reading]:
    """An instance of the channel's template for every cell of the window. Returns what the instances read."""
    read: set[Reading] = set()
    resistive = isinstance(array.cell, OpAmpCell)
    reach = array.template.radius
    places = _around(array.boundary, array.rows, array.columns, reach)
    for channel in window.channels_of(array.channels):
        biases = bias_of(array, channel)
        for part, found in enumerate(parts_of(list(taps(array, channel)))):
            name, further = name_of(layer, channel, part), f"_{part}" * (part > 0)
            own = [tap for tap in found if tap.weights.size > 1]
            kinds = [
                ("y" if tap.matrix == "A" else "u") + ("n" if resistive and tap.weight < 0 else "") for tap in found
            ]
            for i in range(*window.rows):
                for j in range(*window.columns):
                    ends = []
                    for kind, tap in zip(kinds, found, strict=True):
                        place = places[i + reach[0] + tap.shift[0], j + reach[1] + tap.shift[1]]
                        row, column = divmod(int(place), array.columns)
                        if place >= 0:
                            read.add((kind, tap.channel, row, column))
                        ends.append(node(kind, layer, tap.channel, row, column) if place >= 0 else EDGE + kind[1:])
                    into = node("n" if has(array.cell, "into") else "v", layer, channel, i, j)
                    values = {f"w_{tap.name}": number(at(tap.weights, i, j)) for tap in own}
                    if biases.size > 1 and part == 0:
                        values["w_z"] = number(at(biases, i, j))
                    if "R" in own_parameters(array):
                        values["cell_r"] = number(value_at(array, "R", (channel, i, j)))
                    circuit.X(f"t_{layer}_{channel}_{i}_{j}{further}", name, into, *ends, **values)
    return read


def _around(boundary: Boundary, rows: int, columns: int, reach: tuple[int, int]) -> np.ndarray:
    """The cell each place of the padded array stands for; -1 beyond a fixed boundary."""
    outside = Boundary("fixed", -1.0) if boundary.kind == "fixed" else boundary
    return outside.pad(np.arange(rows * columns).reshape(rows, columns), *reach)
