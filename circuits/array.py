"""One layer, resolved: every cell's circuit, coupling, boundary and start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .boundary import Boundary
from .cells import CellCircuit
from .own_values import OwnValues
from .template import Template

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CellArray:
    """An array of equal cells: `channels` planes of rows x columns, coupled by a template.

    `initial` is the normalised start (v(0) = V1 initial) and `x0` the memristors' start, each a number or
    (channels or 1, rows, columns); None stands for the layer's own input. `own` is what differs from cell to cell.
    """

    name: str
    cell: CellCircuit
    template: Template
    boundary: Boundary
    rows: int
    columns: int
    initial: float | Array | None
    x0: float | Array | None
    own: OwnValues | None = None

    def __post_init__(self) -> None:
        own = OwnValues()
        if self.own is not None:
            own = self.own.checked(self.cell, self.template, self.rows, self.columns)
            object.__setattr__(self, "own", own)
        object.__setattr__(self, "cell", self.cell.loaded(lambda: own.largest_drive(self.template, 1.0)))

    @property
    def channels(self) -> int:
        """The number of planes."""
        return self.template.A.shape[0]

    @property
    def input_channels(self) -> int:
        """The number of planes of the input."""
        return self.template.B.shape[1]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, rows, columns)."""
        return self.channels, self.rows, self.columns

    def start(self, u: Array) -> Array:
        """The start (states, channels, rows, columns): v [V], x [1] where there is a memristor, and more.

        `u` is the normalised input (input channels, rows, columns).
        """
        states = np.empty((len(self.cell.states), *self.shape))
        v = self.cell.V1 * np.asarray(u if self.initial is None else self.initial)
        # a picture's -1 .. 1 becomes 0 .. 1: ink is ON
        x = 0.5 * (np.clip(u, -1, 1) + 1) if self.x0 is None else self.x0
        for state, value in zip(states, self.cell.start(v, x), strict=True):
            state[...] = value
        return states
