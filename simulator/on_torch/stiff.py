"""Steps of Rosenbrock-W methods: implicit within each cell, explicit between cells."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from ..steppers import RosenbrockW, Tableau
from .cell_systems import CellSystems
from .dynamics import TensorDynamics
from .scheme import Parts, weighted


class StiffScheme:
    """A `Scheme`; its parts are the increments u of the stages (`RosenbrockW.a`), then the rates at both ends."""

    ends_with_rate = True

    def __init__(self, tableau: RosenbrockW, dynamics: TensorDynamics) -> None:
        # name, order and error are what the batch loop asks for, and both kinds of tableau have them
        self.tableau = cast(Tableau, tableau)
        self._dynamics = dynamics
        self.evaluations = tableau.stages
        self._gamma = tableau.gamma
        self._m, self._error = tableau.m.tolist(), tableau.error.tolist()
        self._a = [tableau.a[s, :s].tolist() for s in range(tableau.stages)]
        self._c = [tableau.c[s, :s].tolist() for s in range(tableau.stages)]

    def propose(self, state: Tensor, rate: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        """(the states after steps h, *increments, rate at the start, rate at the end)."""
        moves = h > 0.0
        h = torch.where(moves, h, torch.ones_like(h))  # nothing is divided by the 0 of a sample that rests
        systems = CellSystems(self._dynamics.jacobian(state), 1.0 / (self._gamma * h))
        u = [systems.solve(rate)]
        for a, c in zip(self._a[1:], self._c[1:], strict=True):
            f = self._dynamics.rates(state + weighted(a, u)) if any(a) else rate
            u.append(systems.solve(f + weighted(c, u) / h))
        proposed = torch.where(moves, state + weighted(self._m, u), state)
        return (proposed, *u, rate, self._dynamics.rates(proposed))

    def error(self, parts: Parts, h: Tensor) -> Tensor:
        """The difference of the embedded pair."""
        return weighted(self._error, parts[:-2])

    def between(self, state: Tensor, parts: Parts, h: Tensor, theta: float) -> Tensor:
        """The cubic of Hermite through the states and rates at both ends."""
        *u, start, end = parts
        value, slope_at_start = theta**2 * (3 - 2 * theta), theta * (1 - theta) ** 2
        slope_at_end = theta**2 * (theta - 1)
        return state + value * weighted(self._m, u) + h * (slope_at_start * start + slope_at_end * end)
