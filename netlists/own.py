"""Values that cells have of their own, as parameters of their instances."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..circuits.array import CellArray
from ..circuits.cells import OpAmpCell
from ..circuits.hardware.amplified import OFFSETS
from ..devices.errors import InputError
from ..devices.parameter import flat_parameters
from .names import parameter_names

Array = NDArray[np.float64]
CELL = {"R": "cell_r", "C": "cell_c", "L": "cell_l", "area": "area", **{name: name for name in OFFSETS}}
"""What a cell's own components are called, which without values of their own are the deck's."""


def check_own(array: CellArray) -> None:
    """InputError for values of cells that no deck has."""
    own = array.own
    if own is None:
        return
    if own.chips > 1:
        raise InputError("", f"{own.chips} chips", "one chip for a deck")
    if isinstance(array.cell, OpAmpCell):
        raise InputError(
            "", "op-amp cells with values of their own", "equal op-amp cells", "their weights are resistors"
        )
    for name in own.parameters:
        if name not in CELL and not name.startswith("memristor_"):
            raise InputError(name, "a value for each cell", "R, C, L, area or a parameter of the memristor")


def own_parameters(array: CellArray) -> dict[str, str]:
    """The cell's own parameters and their names in its subcircuit."""
    names = memristor_names(array)
    return {name: CELL.get(name) or names[name.removeprefix("memristor_")] for name in _own(array)}


def memristor_names(array: CellArray) -> dict[str, str]:
    """What the memristor's parameters are called, in its subcircuit and in a cell's."""
    memristor = getattr(array.cell, "memristor", None)
    return {} if memristor is None else parameter_names(flat_parameters(memristor), "p_")


def value_at(array: CellArray, name: str, place: tuple[int, int, int]) -> float:
    """The parameter of the cell at (channel, row, column)."""
    own = _own(array).get(name)
    return float(flat_parameters(array.cell)[name] if own is None else own[0][place])


def weights_of(array: CellArray, matrix: str, channel: int) -> Array:
    """The weights of a channel's cells, (channels read, kernel rows, kernel columns, rows, columns); with rows and
    columns 1 where all cells have the same."""
    own = None if array.own is None else getattr(array.own, matrix)
    if own is None:
        return np.asarray(getattr(array.template, matrix)[channel][..., np.newaxis, np.newaxis])
    return np.asarray(own[0, channel])


def bias_of(array: CellArray, channel: int) -> Array:
    """The bias of a channel's cells, (rows, columns) or (1, 1)."""
    if array.own is None or array.own.z is None:
        return np.full((1, 1), array.template.z[channel])
    return np.asarray(array.own.z[0, channel])


def at(values: Array, row: int, column: int) -> float:
    """The value of a cell, from those of all or from the one of all."""
    return float(values[0, 0] if values.shape == (1, 1) else values[row, column])


def _own(array: CellArray) -> dict[str, Array]:
    return {} if array.own is None else dict(array.own.parameters)
