"""Lines: the wire between a cell and its neighbour is in series with the synapse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import CHIP, Array, Effect


@dataclass(frozen=True)
class LineResistance(Effect):
    """g becomes g / (1 + g r d), d the rows and columns between the two cells (|rows| + |columns|: wires run along
    both), so the synapse within a cell, and the bias, have none. Each synapse has its wire to itself: that currents of
    several add up on a shared line, as in a crossbar, is not modelled.

    r is a few Ohm between neighbours of a memory array; a cell of many devices is that much longer.
    """

    name = "lines"
    when = CHIP
    paper = (
        "A. Chen, IEEE Trans. Electron Devices 60(4), 1318 (2013) (line resistance of crossbars); "
        "T. P. Xiao et al., IEEE Circuits and Systems Magazine 22(4), 26 (2022) (its cost in analog inference)"
    )

    resistance: float = parameter(0.0, "Ohm", "resistance of the wire from a cell to the next", low=0, high=1e9)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.resistance > 0.0

    def applied(self, g: Array) -> Array:
        """The conductances [S] (.., kernel rows, kernel columns, rows, columns) with their wires; g stays as it is."""
        height, width = g.shape[-4:-2]
        rows = np.abs(np.arange(height) - height // 2)
        columns = np.abs(np.arange(width) - width // 2)
        r = (self.resistance * (rows[:, None] + columns)).astype(g.dtype)
        return g / (1 + g * r[..., None, None])
