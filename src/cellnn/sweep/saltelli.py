"""The design of Sobol indices, and the indices from what came out, through SALib."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .axes import RandomAxis

TINY = 2.0**-53
"""Quantiles of 0 and 1 are infinite with some distributions."""


def problem(places: Any) -> dict[str, Any]:
    """The factors as SALib knows them: shares of their distributions."""
    names = list(places)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def design(random: Mapping[str, RandomAxis], samples: int, seed: int) -> dict[str, list[Any]]:
    """Values of every factor at the samples (factors + 2) points of Saltelli's design.

    A. Saltelli et al., Comput. Phys. Commun. 181, 259 (2010), on scrambled Sobol points.
    """
    from SALib.sample import sobol

    shares = sobol.sample(problem(random), samples, calc_second_order=False, seed=seed)
    shares = np.clip(shares, TINY, 1.0 - TINY)
    return {place: how.at(shares[:, k]) for k, (place, how) in enumerate(random.items())}
