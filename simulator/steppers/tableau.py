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
    """out = state + h sum_s weights[s] k[s], over flat arrays.

    Four rates at a time in one pass over the cells: memory, not arithmetic, is what a sum over stages waits for.
    """
    used = np.nonzero(weights)[0]
    out[:] = 0.0
    for first in range(0, used.size, 4):
        group = used[first : first + 4]
        a = k[group[0]]
        wa = weights[group[0]]
        if group.size == 4:
            b, c, d = k[group[1]], k[group[2]], k[group[3]]
            wb, wc, wd = weights[group[1]], weights[group[2]], weights[group[3]]
            for n in range(out.size):
                out[n] = (((out[n] + wa * a[n]) + wb * b[n]) + wc * c[n]) + wd * d[n]
        elif group.size == 3:
            b, c = k[group[1]], k[group[2]]
            wb, wc = weights[group[1]], weights[group[2]]
            for n in range(out.size):
                out[n] = ((out[n] + wa * a[n]) + wb * b[n]) + wc * c[n]
        elif group.size == 2:
            b, wb = k[group[1]], weights[group[1]]
            for n in range(out.size):
                out[n] = (out[n] + wa * a[n]) + wb * b[n]
        else:
            for n in range(out.size):
                out[n] += wa * a[n]
    for n in range(out.size):
        out[n] = state[n] + h * out[n]
