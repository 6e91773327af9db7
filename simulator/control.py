"""What chooses the step: error norm, PI control, the first step."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from .problem import Array

SAFETY, SHRINK, GROW, BETA = 0.9, 0.2, 10.0, 0.04


@njit(cache=True)
def largest_error(error, before, after, rtol, atol):  # type: ignore[no-untyped-def]
    """(the largest |error| / (atol + rtol max(|before|, |after|)) over all states, its index).

    Arrays are (states, cells), atol (states,).

    The largest, not the mean: in an array one switching cell among hundreds must not be averaged away.
    Anything not finite counts as infinite.
    """
    worst, where = 0.0, 0
    states, cells = error.shape
    for s in range(states):
        for c in range(cells):
            ratio = abs(error[s, c]) / (atol[s] + rtol * max(abs(before[s, c]), abs(after[s, c])))
            if not ratio <= worst:
                worst, where = ratio, s * cells + c
                if not ratio < np.inf:
                    return np.inf, where
    return worst, where


@njit(cache=True)
def first_not_finite(values):  # type: ignore[no-untyped-def]
    """The index of the first value that is not finite, or -1."""
    for c in range(values.size):
        if not np.isfinite(values[c]):
            return c
    return -1


def pi_exponent(order: int) -> float:
    """The power of the error in the next step's factor (Hairer & Wanner II, section IV.2)."""
    return 1.0 / order - 0.75 * BETA


class PIController:
    """Step-size control with memory of the last error (Hairer & Wanner II, section IV.2; the constants
    are those of DOPRI5, Hairer, Norsett & Wanner I, section II.4)."""

    def __init__(self, order: int) -> None:
        self._exponent = pi_exponent(order)
        self._last_error = 1e-4
        self._rejected = False

    def after(self, error: float) -> tuple[bool, float]:
        """(whether the step with this error ratio is accepted, the factor for the next step)."""
        if not np.isfinite(error):
            self._rejected = True
            return False, 0.1
        factor = SAFETY * max(error, 1e-10) ** -self._exponent * self._last_error**BETA
        factor = min(max(factor, SHRINK), GROW)
        if error > 1.0:
            self._rejected = True
            return False, min(factor, 0.9)
        if self._rejected:
            factor = min(factor, 1.0)
        self._last_error, self._rejected = max(error, 1e-4), False
        return True, factor


def start_step(rate_of: Any, state: Array, rate: Array, order: int, rtol: float, atol: Array, limit: float) -> float:
    """A first step from the size of the rate and of its change (Hairer, Norsett & Wanner I, section II.4).

    `rate_of(state, out)` computes rates; atol broadcasts against the state.
    """
    scale = atol + rtol * np.abs(state)
    d0, d1 = (np.abs(state) / scale).max(), (np.abs(rate) / scale).max()
    h0 = 1e-6 * limit if d0 < 1e-5 or d1 < 1e-5 else 0.01 * d0 / d1
    h0 = min(h0, limit)
    trial = np.empty_like(state)
    with np.errstate(over="ignore", invalid="ignore"):  # a rate without bound is met below
        rate_of(state + np.asarray(h0 * rate, state.dtype), trial)
        d2 = (np.abs(trial - rate) / scale).max() / h0
    top = max(d1, d2)
    if not np.isfinite(top):
        return float(h0 * 1e-3)
    h1 = max(1e-6 * limit, h0 * 1e-3) if top <= 1e-15 else (0.01 / top) ** (1.0 / order)
    return float(min(100.0 * h0, h1, limit))
