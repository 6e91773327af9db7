"""How alike networks are: the overlap of the sets of pictures they get wrong (Wang et al., section 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def overlaps(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Array:
    """(n, m) intersection over union of the sets first[i] and second[j], of masks (n, p) and (m, p).

    Two empty sets are the same: 1.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    both = a @ b.T
    union = a.sum(1)[:, None] + b.sum(1)[None] - both
    return np.where(union > 0, both / np.maximum(union, 1.0), 1.0)


def between(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """The mean over all pairs of one of each."""
    return float(overlaps(first, second).mean())


def within(masks: NDArray[np.bool_]) -> float | None:
    """The mean over all pairs of different ones; None for fewer than two."""
    n = len(masks)
    return None if n < 2 else float((overlaps(masks, masks).sum() - n) / (n * (n - 1)))


def nearest(masks: NDArray[np.bool_], originals: NDArray[np.bool_]) -> Array:
    """(n,) the overlap of each with that original which is most like it."""
    found: Array = overlaps(masks, originals).max(1)
    return found


def nearest_other(originals: NDArray[np.bool_]) -> Array:
    """(n,) that of each original with the other one most like it."""
    found = overlaps(originals, originals)
    np.fill_diagonal(found, -1.0)
    most: Array = found.max(1)
    return most
