"""Rosenbrock-W methods: implicit within each cell, explicit between cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RosenbrockW:
    """k_i = f(y + h sum_j alpha_ij k_j) + h J sum_j<=i gamma_ij k_j,  y(t + h) = y + h sum_i b_i k_i.

    A W-method keeps its order whatever J is. Here J holds the derivatives of each cell's rates by that cell's own
    states, exact, and leaves out the coupling: so a step solves one small system per cell and none for the array.
    `b_hat` are the weights of the embedded error estimate. Equations are autonomous.
    """

    name: str
    order: int
    gamma: float
    alpha: tuple[tuple[float, ...], ...]
    """Strictly lower triangular."""
    gammas: tuple[tuple[float, ...], ...]
    """Strictly lower triangular; the diagonal is `gamma`."""
    b: tuple[float, ...]
    b_hat: tuple[float, ...]
    paper: str

    @property
    def stages(self) -> int:
        """The number of systems solved in a step."""
        return len(self.b)

    @cached_property
    def _inverse(self) -> Array:
        full = np.diag(np.full(self.stages, self.gamma))
        for i, row in enumerate(self.gammas):
            full[i, : len(row)] = row
        return np.linalg.inv(full)

    @cached_property
    def a(self) -> Array:
        """alpha in the increments u = h Gamma k, in which J is not multiplied (Hairer & Wanner II, section IV.7):
        (1 / (gamma h) - J) u_i = f(y + sum_j a_ij u_j) + sum_j<i c_ij u_j / h,  y(t + h) = y + sum_i m_i u_i.
        """
        alpha = np.zeros((self.stages, self.stages))
        for i, row in enumerate(self.alpha):
            alpha[i, : len(row)] = row
        return alpha @ self._inverse

    @cached_property
    def c(self) -> Array:
        """Strictly lower triangular."""
        return np.diag(np.full(self.stages, 1.0 / self.gamma)) - self._inverse

    @cached_property
    def m(self) -> Array:
        """The increments' weights in the step."""
        return np.asarray(np.array(self.b) @ self._inverse)

    @cached_property
    def error(self) -> Array:
        """The increments' weights in the error estimate."""
        return np.asarray((np.array(self.b) - np.array(self.b_hat)) @ self._inverse)
