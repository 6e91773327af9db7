"""Steps of explicit Runge-Kutta methods."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from ..steppers import Tableau
from .dynamics import TensorDynamics
from .scheme import Parts, weighted


class ExplicitScheme:
    """A `Scheme`; its parts are the rates of all stages."""

    def __init__(self, tableau: Tableau, dynamics: TensorDynamics) -> None:
        self.tableau, self._dynamics = tableau, dynamics
        self.ends_with_rate = tableau.first_same_as_last
        self.evaluations = tableau.stages - 1

    def propose(self, state: Tensor, rate: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        """(the states after steps h, *the rates of all stages)."""
        k = [rate]
        for weights in self.tableau.a[1:]:
            k.append(self._dynamics.rates(state + h * weighted(weights, k)))
        return (state + h * weighted(self.tableau.b, k), *k)

    def error(self, parts: Parts, h: Tensor) -> Tensor:
        """The difference of the embedded pair."""
        assert self.tableau.error is not None
        return h * weighted(self.tableau.error, parts)

    def between(self, state: Tensor, parts: Parts, h: Tensor, theta: float) -> Tensor:
        """The tableau's interpolant."""
        powers = theta ** np.arange(1, len(self.tableau.dense[0]) + 1)
        return state + h * weighted((np.array(self.tableau.dense) @ powers).tolist(), parts)
