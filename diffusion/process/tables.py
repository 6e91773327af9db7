"""DDPM's tables of noise: log alpha_bar at the discrete steps k = 0..T, from which schedules are made."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...devices.errors import InputError, did_you_mean

Array = NDArray[np.float64]

FEWEST, MOST = 50, 100_000
"""Limits of T: `linear` scaled to fewer steps would reach a beta of 1."""


def linear_betas(steps: int) -> Array:
    """beta_k, k = 1..T, evenly spaced: 1e-4 to 0.02 at T = 1000, times 1000/T at other T.

    Ho, Jain, Abbeel 2020 (arXiv 2006.11239), section 4; the scaling is that of Nichol and Dhariwal's code, which keeps
    alpha_bar_T nearly the same.
    """
    return np.linspace(1e-4, 0.02, steps) * (1000 / steps)


def cosine_betas(steps: int, offset: float = 0.008, largest: float = 0.999) -> Array:
    """beta_k, k = 1..T, so that alpha_bar follows cos^2((t + s)/(1 + s) pi/2), each at most `largest`.

    Nichol, Dhariwal 2021 (arXiv 2102.09672), equation 17.
    """
    f = np.cos((np.arange(steps + 1) / steps + offset) / (1 + offset) * (math.pi / 2)) ** 2
    return np.minimum(1 - f[1:] / f[:-1], largest)


BETAS: dict[str, Callable[[int], Array]] = {"linear": linear_betas, "cosine": cosine_betas}
"""The schedules by name."""


def log_alpha_bar(name: str, steps: int) -> Array:
    """log alpha_bar_k = sum of log(1 - beta_i), i = 1..k, for k = 0..T: (T + 1,), from 0 down.

    Raises InputError for an unknown name or a T outside 50 to 100,000.
    """
    if name not in BETAS:
        raise InputError("schedule", name, f"one of {', '.join(BETAS)}", did_you_mean(name, BETAS))
    if isinstance(steps, bool) or not isinstance(steps, int) or not FEWEST <= steps <= MOST:
        raise InputError("steps", steps, f"a whole number from {FEWEST} to {MOST}")
    return np.concatenate([[0.0], np.cumsum(np.log1p(-BETAS[name](steps)))])
