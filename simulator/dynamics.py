"""The right-hand side of an array: coupling and cell put together."""

from __future__ import annotations

import numpy as np

from ..circuits.array import CellArray
from ..devices.parameter import flat_parameters
from .cell_code import cell_module
from .coupling import Array, Coupling


class ArrayDynamics:
    """ds/dt of all states of an array under a constant input.

    The drive of a cell is sum A y + sum B u + z V1 [V]; its B and z part is computed once.
    """

    def __init__(self, array: CellArray, u: Array) -> None:
        cell, template = array.cell, array.template
        self.array = array
        self._module = cell_module(cell)
        self._parameters = np.array(list(flat_parameters(cell).values()))
        rows, columns = array.rows, array.columns
        beyond = array.boundary.value * cell.V1
        self._feedback = Coupling(template.A, array.boundary, rows, columns, beyond)
        self._feed = np.empty(array.shape)
        self._feed[:] = (template.z * cell.V1)[:, np.newaxis, np.newaxis]
        Coupling(template.B, array.boundary, rows, columns, beyond).add(np.ascontiguousarray(u) * cell.V1, self._feed)
        self._y = np.empty(array.shape)
        self._drive = np.empty(array.shape)
        self.evaluations = 0

    def output(self, states: Array) -> Array:
        """The outputs y [V], (channels, rows, columns), of the states (states, channels, rows, columns)."""
        y = np.empty(self.array.shape)
        self._module.outputs(states.reshape(len(states), -1), self._parameters, y.reshape(-1))
        return y

    def rates(self, states: Array, out: Array) -> None:
        """ds/dt of the states, both contiguous (states, channels, rows, columns)."""
        flat = states.reshape(len(states), -1)
        self._module.outputs(flat, self._parameters, self._y.reshape(-1))
        self._drive[:] = self._feed
        self._feedback.add(self._y, self._drive)
        self._module.state_rates(flat, self._drive.reshape(-1), self._parameters, out.reshape(len(states), -1))
        self.evaluations += 1

    def confine(self, states: Array) -> None:
        """Hold memristor states to [0, 1], which a step may leave by its error."""
        if "x" in self.array.cell.states:
            np.clip(states[1], 0.0, 1.0, out=states[1])
