"""One step of an explicit Runge-Kutta method over a whole array."""

from __future__ import annotations

import numpy as np

from .coupling import Array
from .dynamics import ArrayDynamics
from .steppers.tableau import Tableau, combine


class ExplicitStepper:
    """Holds the state and the stages of a tableau; `attempt` computes a step, `accept` takes it."""

    def __init__(self, tableau: Tableau, dynamics: ArrayDynamics, start: Array) -> None:
        self.tableau, self.dynamics = tableau, dynamics
        self.state = start.copy()
        self.proposed = np.empty_like(start)
        self._k = np.empty((tableau.stages, start.size))
        self._stage = np.empty_like(start)
        self._zero = np.zeros(start.size)
        self._a = [np.array(row) for row in tableau.a]
        self._b = np.array(tableau.b)
        self._dense = np.array(tableau.dense)
        self._error_weights = np.array(tableau.error if tableau.error else [])
        self._rates_into(self.state, 0)

    @property
    def rate(self) -> Array:
        """ds/dt at the present state."""
        return self._k[0].reshape(self.state.shape)

    def attempt(self, h: float) -> None:
        """Compute the state after a step h; the present one stays."""
        y = self.state.reshape(-1)
        for s in range(1, self.tableau.stages):
            combine(y, h, self._k, self._a[s], self._stage.reshape(-1))
            self._rates_into(self._stage, s)
        combine(y, h, self._k, self._b, self.proposed.reshape(-1))

    def error(self, h: float, out: Array) -> None:
        """The estimated error of the attempted step."""
        combine(self._zero, h, self._k, self._error_weights, out.reshape(-1))

    def between(self, theta: float, h: float) -> Array:
        """The state at t + theta h within the attempted step, 0 <= theta <= 1."""
        powers = theta ** np.arange(1, self._dense.shape[1] + 1)
        out = np.empty_like(self.state)
        combine(self.state.reshape(-1), h, self._k, self._dense @ powers, out.reshape(-1))
        return out

    def accept(self) -> None:
        """Take the attempted step."""
        self.state, self.proposed = self.proposed, self.state
        self.dynamics.confine(self.state)
        if self.tableau.first_same_as_last:
            self._k[0] = self._k[-1]  # rates hold x to [0, 1] themselves, so confining changes none
        else:
            self._rates_into(self.state, 0)

    def _rates_into(self, state: Array, s: int) -> None:
        self.dynamics.rates(state, self._k[s].reshape(state.shape))
