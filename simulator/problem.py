"""What every engine integrates: an array under given inputs, from given starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..circuits.array import CellArray
from ..circuits.hardware.own_cell import own_cell
from ..circuits.own_values import OwnValues
from .feed import own_feed

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Problem:
    """One array and a batch of samples: the inputs u (samples, input channels, rows, columns), normalised.

    A batch is many runs of the same array at once; no sample's result depends on the others.
    """

    array: CellArray
    u: Array
    states: Array | None = None
    """Where the samples start, (states, samples, channels, rows, columns); None: where the array says."""

    @property
    def samples(self) -> int:
        """The number of runs in the batch."""
        return self.u.shape[0]

    @cached_property
    def start(self) -> Array:
        """The states at time 0, (states, samples, channels, rows, columns): v [V], x [1]."""
        return self.states if self.states is not None else np.stack([self.array.start(u) for u in self.u], axis=1)

    @cached_property
    def feed(self) -> Array:
        """What inputs and bias drive into the cells: sum B u V1 + z V1 [V], (samples, channels, rows, columns)."""
        template, cell, own = self.array.template, self.array.cell, self.array.own or OwnValues()
        own.check_samples(self.samples)
        _, _, height, width = template.B.shape
        padded = self.array.boundary.pad(self.u, height // 2, width // 2)
        feed = np.empty((self.samples, *self.array.shape))
        feed[:] = template.z[:, np.newaxis, np.newaxis] if own.z is None else own.z
        rows, columns = self.array.rows, self.array.columns
        if own.B is not None:
            feed += own_feed(padded, own.B)
            return feed * cell.V1
        for out, into, k, m in np.argwhere(template.B).tolist():
            feed[:, out] += template.B[out, into, k, m] * padded[:, into, k : k + rows, m : m + columns]
        return feed * cell.V1

    @cached_property
    def state_units(self) -> Array:
        """What one unit of each state is: V1 for voltages, 1 for memristor states."""
        return np.array(self.array.cell.units())

    @cached_property
    def voltage_limit(self) -> float:
        """Volts no state passes: twice the bound of Chua & Yang (1988), theorem 1; far more with an output that has no
        bound (a leak, a rectifier), and with a memristor of the user's own, which may give power."""
        cell, own = self.array.cell, self.array.own or OwnValues()
        largest = max(1.0, abs(self.array.boundary.value), float(np.abs(self.u).max()))
        ideal = cell.V1 * (1.0 + own.largest_drive(self.array.template, largest))
        bound = np.max(own_cell(self.array).voltage_bound(ideal))
        unbounded = not cell.stage.bounded or "stage_leak" in own.parameters
        maybe_active = hasattr(getattr(cell, "memristor", None), "equations_text")
        return float(bound * (1e6 if unbounded or maybe_active else 2.0))

    def cell_at(self, flat_index: int) -> str:
        """`state v of cell (channel 0, row 3, column 4)`, from an index into (states, channels, rows, columns)."""
        states = self.array.cell.states
        state, channel, row, column = np.unravel_index(flat_index, (len(states), *self.array.shape))
        return f"state {states[int(state)]} of cell (channel {channel}, row {row}, column {column})"
