"""The right-hand side of a batch of arrays on tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from ...devices.parameter import flat_parameters
from ..problem import Problem
from .cell_code import tensor_cell
from .coupling import TensorCoupling


class TensorDynamics:
    """ds/dt of all states of all samples: tensors (states, samples, channels, rows, columns) of one device and
    number format.

    The drive of a cell is sum A y + sum B u + z V1 [V]; its B and z part comes with the problem.
    """

    def __init__(self, problem: Problem, device: torch.device, dtype: torch.dtype) -> None:
        array = problem.array
        self.problem = problem
        self.start = torch.as_tensor(problem.start, dtype=dtype, device=device)
        self._feed = torch.as_tensor(problem.feed, dtype=dtype, device=device)
        self._module = tensor_cell(array.cell)
        self._parameters = tuple(flat_parameters(array.cell).values())
        beyond = array.boundary.value * array.cell.V1
        self._feedback = TensorCoupling(
            array.template.A, array.boundary, array.rows, array.columns, beyond, like=self._feed
        )
        self._memristive = "x" in array.cell.states

    def outputs(self, states: Tensor) -> Tensor:
        """The outputs y [V] ([samples,] channels, rows, columns) of states with one axis more, the first."""
        y: Tensor = self._module.output(*states.unbind(), *self._parameters)
        return y

    def rates(self, states: Tensor) -> Tensor:
        """ds/dt: v [V/s], x [1/s]."""
        drive = self._feedback.added(self._feed, self.outputs(states))
        rates = self._module.rates(drive, *states.unbind(), *self._parameters)
        parts = rates if isinstance(rates, tuple) else (rates,)
        # a rate that depends on nothing, such as a resistor's 0, comes as a number
        return torch.stack([part if isinstance(part, Tensor) else torch.full_like(drive, part) for part in parts])

    def confine(self, states: Tensor) -> Tensor:
        """Hold memristor states to [0, 1], in place: a step may leave it by its error."""
        if self._memristive:
            states[1].clamp_(0.0, 1.0)
        return states
