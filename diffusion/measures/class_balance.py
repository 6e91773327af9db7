"""How samples spread over the classes, as the classifier sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frechet import Array


def histogram(labels: NDArray[np.int64], classes: int) -> Array:
    """(classes,) the share of each label."""
    return np.bincount(labels, minlength=classes) / max(len(labels), 1)


def entropy(shares: Array) -> float:
    """In bits: log2 of the number of classes when they are balanced, 0 when there is one."""
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum()) + 0.0


def total_variation(p: Array, q: Array) -> float:
    """Half the sum of |p - q|: the share of samples in the wrong class. 0 alike, 1 apart."""
    return float(np.abs(p - q).sum() / 2)
