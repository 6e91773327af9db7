"""What SALib is given: the factors, the design of Sobol indices, and draws enough for `rbd-fast`."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..devices.errors import InputError
from .axes import RandomAxis

TINY = 2.0**-53
"""Quantiles of 0 and 1 are infinite with some distributions."""
HARMONICS = 10
"""Of the spectrum over the ordered draws, that `rbd-fast` counts as the factor's (SALib's M)."""
FEWEST = 64
"""Draws of `rbd-fast`. The bootstrap behind its half-widths takes half of them, n, and corrects the share for the
2 HARMONICS / n that noise alone has (J.-Y. Tissot, C. Prieur, Reliab. Eng. Syst. Saf. 107, 205 (2012)): without sense
unless n / 2 frequencies are clearly more than the harmonics."""


def problem(places: Any) -> dict[str, Any]:
    """The factors as SALib knows them: shares of their distributions."""
    names = list(places)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def design(random: Mapping[str, RandomAxis], samples: int, seed: int) -> dict[str, array[Any]]:
    """Values of every factor at the samples (factors + 2) points of Saltelli's design.

    A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010), on scrambled Sobol points.
    """
    from SALib.sample import sobol

    shares = sobol.sample(problem(random), samples, calc_second_order=False, seed=seed)
    shares = np.clip(shares, TINY, 1.0 - TINY)
    return {place: how.at(shares[:, k]) for k, (place, how) in enumerate(random.items())}


def check_draws(method: str, draws: int) -> None:
    """InputError where there are too few free draws of a case for `rbd-fast`."""
    if method == "rbd-fast" and draws < FEWEST:
        hint = "a larger count of chips or draws, or method: sobol"
        raise InputError("sensitivity", draws, f"at least {FEWEST} draws with method: rbd-fast", hint)
