"""The array a chip is built for: its cells' components before any of them differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..array import CellArray
from .amplified import amplified
from .hardware import Hardware


def built(array: CellArray, hardware: Hardware, programmed: Sequence[str]) -> CellArray:
    """The designed array with slower cells, parts at the chip's temperature, and amplifiers: the array itself where
    there is none of that. `programmed` are the weights that are conductances, which load the amplifiers.

    Raises InputError for cells that cannot have amplifiers.
    """
    cell, heat = array.cell, hardware.temperature
    if heat.active or hardware.time_scale != 1.0:
        parts: dict[str, Any] = {
            "C": cell.C * hardware.time_scale * heat.factor(heat.C),
            "R": cell.R * heat.factor(heat.R),
        }
        if hasattr(cell, "L"):  # R_g^2 C_L of a gyrator; as slow as C, so that a swing keeps its form
            parts["L"] = cell.L * hardware.time_scale * heat.factor(2.0 * heat.R + heat.C)
        if hasattr(cell, "area"):
            parts["area"] = cell.area * heat.factor(heat.memristor)
        cell = replace(cell, **parts)
    if hardware.op_amps is not None:
        cell = amplified(cell, hardware.op_amps.trimmed, loading(array, hardware, programmed))
    return array if cell is array.cell else replace(array, cell=cell)


def loading(array: CellArray, hardware: Hardware, programmed: Sequence[str]) -> float:
    """The sum of conductances at a summing node, in units of the cell's 1/R: sum (g+ + g-) / scale, the largest of all
    channels, as a resistor to ground makes up for what others have less. What is not programmed comes from sources of
    current."""
    weights = {"A": array.template.A, "B": array.template.B, "z": array.template.z}
    given = [np.abs(weights[name]) for name in programmed]
    scale = hardware.pair.scale(max((float(w.max(initial=0.0)) for w in given), default=0.0))
    channels = len(array.template.A)
    sides = [(w + 2.0 * hardware.pair.low / scale).reshape(channels, -1).sum(axis=1) for w in given]
    return float(np.sum(sides, axis=0).max()) if sides else 0.0
