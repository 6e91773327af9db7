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
        self.state_units = np.array([cell.V1 if name == "v" else 1.0 for name in cell.states])
        """What one unit of each state is: V1 for voltages, 1 for memristor states."""
        self.voltage_limit = self._voltage_limit(u)
        """Volts no state passes: twice the bound of Chua & Yang (1988), theorem 1; far more with a leaky output,
        for which there is none."""

    def _voltage_limit(self, u: Array) -> float:
        template, cell = self.array.template, self.array.cell
        largest = max(1.0, abs(self.array.boundary.value), float(np.abs(u).max()))
        weights = np.abs(template.A).sum(axis=(1, 2, 3)) + np.abs(template.B).sum(axis=(1, 2, 3))
        bound = cell.V1 * (1.0 + (largest * weights + np.abs(template.z)).max())
        return float(bound * (2.0 if getattr(cell.stage, "leak", 0.0) == 0.0 else 1e6))

    def output(self, states: Array, out: Array) -> None:
        """The outputs y [V] into (channels, rows, columns), of the states (states, channels, rows, columns)."""
        self._module.outputs(states.reshape(len(states), -1), self._parameters, out.reshape(-1))

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
