"""The right-hand side of a batch of arrays on tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from ...devices.parameter import flat_parameters
from ..problem import Problem
from .cell_code import tensor_cell
from .coupling import TensorCoupling

ALL = slice(None)


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
        self._feedback = TensorCoupling(array, like=self._feed)
        self._memristive = "x" in array.cell.states
        own = {} if array.own is None else array.own.parameters
        # numbers where all cells are equal: what they alone make up is computed once, on the host
        self._parameters: list[float | Tensor] = [
            torch.tensor(own[name], dtype=dtype, device=device) if name in own else value
            for name, value in flat_parameters(array.cell).items()
        ]

    def outputs(self, states: Tensor, part: slice = ALL) -> Tensor:
        """The outputs y [V] (samples, channels, rows, columns); `part` says which samples these states are of."""
        y: Tensor = self._module.output(*states.unbind(), *(_part(value, part) for value in self._parameters))
        return y

    def rates(self, states: Tensor) -> Tensor:
        """ds/dt: v [V/s], x [1/s]."""
        drive = self._feedback.added(self._feed, self.outputs(states))
        return _stacked(self._module.rates(drive, *states.unbind(), *self._parameters), drive)

    def jacobian(self, states: Tensor) -> Tensor:
        """The derivatives of each cell's rates by its own states at constant drive, (states, states, samples, channels,
        rows, columns). The drive enters the rates of all cells linearly, so any will do.
        """
        slopes = _stacked(self._module.jacobian(self._feed, *states.unbind(), *self._parameters), self._feed)
        return slopes.reshape(len(states), *states.shape)

    def confine(self, states: Tensor) -> Tensor:
        """Hold memristor states to [0, 1], in place: a step may leave it by its error."""
        if self._memristive:
            states[1].clamp_(0.0, 1.0)
        return states


def _part(value: float | Tensor, part: slice) -> float | Tensor:
    """A parameter as these samples have it."""
    return value[part] if isinstance(value, Tensor) and len(value) > 1 else value


def _stacked(values: object, like: Tensor) -> Tensor:
    return torch.stack([_over_cells(value, like) for value in (values if isinstance(values, tuple) else (values,))])


def _over_cells(value: float | Tensor, like: Tensor) -> Tensor:
    """What depends on no state, such as a resistor's 0, comes as a number or with fewer axes."""
    return value.expand_as(like) if isinstance(value, Tensor) else torch.full_like(like, value)
