"""Equations of second order as layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .fixed_steps import TABLEAUS, equal_steps
from .solver import Solver, solve


class SecondOrder(nn.Module):
    """z' = v, v' = f(z, v, t), from t = 0 to 1 (Norcliffe et al. 2020, arXiv 2006.06678).

    State and its rate are one tensor, z first: solvers then handle one thing. `acceleration(t, state, *given)` is f.
    `solver` may be set at any time; the gradient is that of the solver in use.
    """

    def __init__(self, acceleration: nn.Module, solver: Solver) -> None:
        super().__init__()
        self.acceleration = acceleration
        self.solver = solver

    def forward(self, state: Tensor, *given: Tensor) -> Tensor:
        """The state (n, 2 channels, ...) at t = 1 of the one at t = 0; positions are the first half of the channels.

        `given` tensors are handed to f as they are. Raises SimulationError as `solve` does.
        """
        channels = state.shape[1] // 2
        if self.solver.method in TABLEAUS and not (self.solver.adjoint and torch.is_grad_enabled()):
            tableau = TABLEAUS[self.solver.method]
            return equal_steps(lambda t, y: self.acceleration(t, y, *given), state, tableau, self.solver.steps)

        def rates(t: Tensor, y: Tensor) -> Tensor:
            return torch.cat([y[:, channels:], self.acceleration(t, y, *given)], dim=1)

        return solve(rates, state, self.solver, (*self.acceleration.parameters(), *given))


@contextmanager
def solved_by(network: nn.Module, solver: Solver) -> Iterator[None]:
    """Within this context the equations of a network are solved in another way than the one it was trained with."""
    layers = [module for module in network.modules() if isinstance(module, SecondOrder)]
    before = [layer.solver for layer in layers]
    try:
        for layer in layers:
            layer.solver = solver
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            layer.solver = own
