"""What one writes first in numba: explicit Euler in two passes over the array, rows in parallel.

Pass 1 puts the outputs into a padded buffer (zero flux), pass 2 sums the nine taps and updates the state.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray


@njit(cache=True, parallel=True, error_model="numpy")
def plain(v, feed, A, h, steps, y):  # type: ignore[no-untyped-def]
    """Take the steps of v <- v + h (-v + A f(v) + feed) in place; all arrays and numbers of one type.

    v, feed (rows, columns), A (3, 3), y (rows + 2, columns + 2); h in time constants.
    """
    rows, columns = v.shape
    one = A.dtype.type(1)
    a0, a1, a2, a3, a4, a5 = A[0, 0], A[0, 1], A[0, 2], A[1, 0], A[1, 1], A[1, 2]
    a6, a7, a8 = A[2, 0], A[2, 1], A[2, 2]
    for _ in range(steps):
        for i in prange(rows):
            for j in range(columns):
                y[i + 1, j + 1] = min(max(v[i, j], -one), one)
            y[i + 1, 0], y[i + 1, columns + 1] = y[i + 1, 1], y[i + 1, columns]
        for j in range(columns + 2):
            y[0, j], y[rows + 1, j] = y[1, j], y[rows, j]
        for i in prange(rows):
            for j in range(columns):
                drive = feed[i, j] + a0 * y[i, j] + a1 * y[i, j + 1] + a2 * y[i, j + 2]
                drive += a3 * y[i + 1, j] + a4 * y[i + 1, j + 1] + a5 * y[i + 1, j + 2]
                drive += a6 * y[i + 2, j] + a7 * y[i + 2, j + 1] + a8 * y[i + 2, j + 2]
                v[i, j] += h * (drive - v[i, j])


@njit(cache=True, parallel=True, error_model="numpy")
def taox(v, x, feed, A, V1, RC, C, h, steps, y, p):  # type: ignore[no-untyped-def]
    """The same with a TaOx memristor in every cell (Strachan et al. 2013), exponentials by libm; v in V, h in s.

    `p` holds Gm, a, b, A, s_off, x_off, beta, B, s_on, x_on, s_p. The exponents stay below 700, where exp is finite.
    """
    rows, columns = v.shape
    Gm, a, b, off_rate, s_off, x_off, beta, on_rate, s_on, x_on, s_p = p
    for _ in range(steps):
        for i in prange(rows):
            for j in range(columns):
                y[i + 1, j + 1] = min(max(v[i, j], -V1), V1)
            y[i + 1, 0], y[i + 1, columns + 1] = y[i + 1, 1], y[i + 1, columns]
        for j in range(columns + 2):
            y[0, j], y[rows + 1, j] = y[1, j], y[rows, j]
        for i in prange(rows):
            for j in range(columns):
                drive = feed[i, j]
                for k in range(3):
                    for m in range(3):
                        drive += A[k, m] * y[i + k, j + m]
                volts, state = v[i, j], x[i, j]
                current = volts * (Gm * state + a * math.exp(b * math.sqrt(abs(volts))) * (1 - state))
                power = volts * current
                if volts < 0:
                    exponent = 1 / (1 + beta * power) - (x_off / max(state, 1e-3)) ** 2
                    rate = off_rate * math.sinh(volts / s_off) * math.exp(max(exponent, -700.0))
                else:
                    exponent = power / s_p - (state / x_on) ** 2
                    rate = on_rate * math.sinh(volts / s_on) * math.exp(min(exponent, 700.0))
                v[i, j] = volts + h * ((drive - volts) / RC - current / C)
                x[i, j] = min(max(state + h * rate, 0.0), 1.0)


def padded(v: NDArray[np.floating]) -> NDArray[np.floating]:
    """The buffer of outputs for an array."""
    return np.empty((v.shape[0] + 2, v.shape[1] + 2), v.dtype)
