"""How alike networks are: the overlap of the sets of pictures they get wrong (Wang et al., section 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Masks = NDArray[np.bool_]


def overlaps(first: Masks, second: Masks) -> Array:
    """(n, m) intersection over union of the sets first[i] and second[j], of masks (n, p) and (m, p).

    Two empty sets are the same: 1.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    both = a @ b.T
    union = a.sum(1)[:, None] + b.sum(1)[None] - both
    return np.where(union > 0, both / np.maximum(union, 1.0), 1.0)


def between(first: Masks, second: Masks) -> float:
    """The mean over all pairs of one of each."""
    return float(overlaps(first, second).mean())


def within(masks: Masks) -> float | None:
    """The mean over all pairs of different ones; None for fewer than two."""
    n = len(masks)
    return None if n < 2 else float((overlaps(masks, masks).sum() - n) / (n * (n - 1)))


def nearest(masks: Masks, originals: Masks) -> NDArray[np.intp]:
    """(n,) which original is most like each."""
    return np.asarray(overlaps(masks, originals).argmax(1), np.intp)


def nearest_other(originals: Masks) -> NDArray[np.intp]:
    """(n,) which other original is most like each."""
    found = overlaps(originals, originals)
    np.fill_diagonal(found, -1.0)
    return np.asarray(found.argmax(1), np.intp)


def paired(first: Masks, second: Masks, shares: Array) -> Array:
    """(m, n) overlap of the sets first[i] and second[i], pictures counting as the rows of shares (m, p) say."""
    both, union = shares @ (first & second).T, shares @ (first | second).T
    return np.where(union > 0, both / np.where(union > 0, union, 1.0), 1.0)
