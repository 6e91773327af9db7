"""Explicit Runge-Kutta methods as tableaus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tableau:
    """A Butcher tableau. Stage s starts from y + h sum_j a[s][j] k_j; the new state takes the weights b.

    `error` are the weights of the embedded error estimate (None: a fixed-step method), `dense` the
    polynomial weights of the interpolant: y(t + theta h) = y + h sum_s k_s sum_p dense[s][p] theta^(p+1),
    where the last k may be the rate at the end of the step (`first_same_as_last`). The equations are
    autonomous, so there are no nodes c.
    """

    name: str
    order: int
    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    dense: tuple[tuple[float, ...], ...]
    paper: str
    error: tuple[float, ...] | None = None
    first_same_as_last: bool = False

    @property
    def stages(self) -> int:
        """The number of rates a step combines."""
        return len(self.b)


@njit(cache=True)
def combine(state, h, k, weights, out):  # type: ignore[no-untyped-def]
    """out = state + h sum_s weights[s] k[s], over flat arrays."""
    for c in range(state.size):
        out[c] = 0.0
    for s in range(weights.size):
        w = weights[s]
        if w != 0.0:
            for c in range(state.size):
                out[c] += w * k[s, c]
    for c in range(state.size):
        out[c] = state[c] + h * out[c]
