"""Are generated parameters new, or originals again with a little noise?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...training.streams import stream_seed
from .groups import Group
from .resampling import Array, interval, shares
from .similarity import nearest, nearest_other, paired

ORIGINAL, GENERATED = "original", "generated"


def nearest_similarities(groups: dict[str, Group], pictures: Array) -> dict[str, tuple[Array, Array]] | None:
    """By group, the overlap (n,) of each member with that of all originals which is most like it, and (resamples, n)
    the same pairs' over resampled pictures (resamples, pictures). An original is not its own nearest.

    None where there is no right and wrong, or a single original.
    """
    originals = groups[ORIGINAL].wrong
    if originals is None or len(originals) < 2:
        return None
    whole = np.full((1, originals.shape[1]), 1 / originals.shape[1])
    found = {}
    for name, group in groups.items():
        wrong = group.wrong
        assert wrong is not None
        partners = originals[nearest_other(originals) if name == ORIGINAL else nearest(wrong, originals)]
        found[name] = paired(wrong, partners, whole)[0], paired(wrong, partners, pictures)
    return found


def nearest_distances(vectors: dict[str, Tensor]) -> dict[str, Array] | None:
    """By group, the Euclidean distance (n,) of each vector to the nearest of all originals, relative to the mean
    distance of two originals; None for a single original."""
    originals = vectors[ORIGINAL].double()
    if len(originals) < 2:
        return None
    among = torch.cdist(originals, originals)
    typical = float(among.sum() / (len(originals) * (len(originals) - 1)))
    found = {}
    for name, group in vectors.items():
        each = among.clone().fill_diagonal_(torch.inf) if name == ORIGINAL else torch.cdist(group.double(), originals)
        found[name] = each.min(1).values.numpy() / typical
    return found


def spreads(vectors: dict[str, Tensor], scale: Tensor) -> dict[str, float | None]:
    """By group, the root mean square of the deviations from the group's own mean, each number in units of its `scale`
    (size,), relative to the originals': 1 says that a group varies as much as they do. None for a single vector."""

    def spread(group: Tensor) -> float:
        return float((group.double() / scale).var(0).mean().sqrt())

    whole = spread(vectors[ORIGINAL])
    return {name: None if len(group) < 2 else spread(group) / whole for name, group in vectors.items()}


def apart(first: Array, second: Array, seed: int, draws: tuple[Array, Array] | None = None) -> dict[str, Any]:
    """Means of values (n,) and (m,) of the members of two groups, and their difference with 95 % over other members.

    With `draws`, (resamples, n) and (resamples, m) of the same over other pictures, over these too.
    """
    firsts, seconds = (first[None], second[None]) if draws is None else draws
    drawn = [
        (shares(values.shape[1], stream_seed(seed, "members", k)) * values).sum(1)
        for k, values in enumerate((firsts, seconds))
    ]
    return {
        "generated": float(first.mean()),
        "copies": float(second.mean()),
        "difference": float(first.mean() - second.mean()),
        "difference_interval": interval(drawn[0] - drawn[1]),
    }


def novelty(
    similarities: dict[str, tuple[Array, NDArray[np.float64]]] | None,
    distances: dict[str, Array] | None,
    copies: str,
    seed: int,
) -> dict[str, Any] | None:
    """Generated ones beside originals with a little noise (the group `copies`): how near the nearest original is.

    Both are searched among all originals, so the one a copy was made of is always among them.
    """
    if distances is None or copies not in distances:
        return None
    found: dict[str, Any] = {"copies": copies, "similarity": None}
    if similarities is not None:
        (new, new_draws), (old, old_draws) = similarities[GENERATED], similarities[copies]
        found["similarity"] = apart(new, old, seed, (new_draws, old_draws))
    return {**found, "distance": apart(distances[GENERATED], distances[copies], seed)}
