"""Which times and which cells tell the most about how an array settles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .result import Layer

Cell = tuple[int, int, int]
"""(channel, row, column), from 0."""

_MOST_CELLS = 20_000  # more than these are thinned out before cells are compared


def telling_times(layer: Layer, count: int = 4) -> list[int]:
    """Indices of `count` saved times: the first, the last, and between them equal shares of all the change."""
    last = len(layer.time) - 1
    if last + 1 <= count:
        return list(range(last + 1))
    steps = np.abs(np.diff(_features(layer, slice(None)), axis=0)).mean(axis=1)
    progress = np.concatenate([[0.0], np.cumsum(steps)])
    if progress[-1] > 0:
        shares = progress[-1] * np.arange(1, count - 1) / (count - 1)
        inner = np.searchsorted(progress, shares).tolist()
    else:
        inner = np.linspace(0, last, count).round().astype(int)[1:-1].tolist()
    chosen = [0]
    for k, index in enumerate(inner):  # all different, and room left for those that follow
        chosen.append(int(min(max(index, chosen[-1] + 1), last - (len(inner) - k))))
    return [*chosen, last]


def nearest_times(layer: Layer, times: list[float]) -> list[int]:
    """Indices of the saved times nearest to the times given [s]."""
    return sorted({int(np.argmin(np.abs(layer.time - time))) for time in times})


def telling_cells(layer: Layer, count: int = 6) -> list[Cell]:
    """About `count` cells: the one whose state changes most, the one whose memristor does, and one typical cell
    of each of the kinds of trajectory the layer holds."""
    shape = layer.state.shape[1:]
    chosen = [int(np.argmax(np.ptp(layer.state, axis=0)))]
    if layer.memristor is not None:
        chosen.append(int(np.argmax(np.ptp(layer.memristor, axis=0))))
    total = int(np.prod(shape))
    candidates = np.unique([*range(0, total, -(-total // _MOST_CELLS)), *chosen])
    at = np.unique(np.linspace(0, len(layer.time) - 1, 16).round().astype(int))
    features = _features(layer, at, candidates).T
    for index in _typical(features, np.searchsorted(candidates, chosen), count):
        cell = int(candidates[index])
        if cell not in chosen and len(chosen) < count:
            chosen.append(cell)
    chosen = list(dict.fromkeys(chosen))
    places = [tuple(map(int, np.unravel_index(cell, shape))) for cell in chosen]
    return [(k, i, j) for k, i, j in places]


def _features(layer: Layer, at: Any, cells: NDArray[Any] | None = None) -> NDArray[Any]:
    """(time, cell): states and memristor states, each in units of its own spread."""
    parts = []
    for values in (layer.state, layer.memristor):
        if values is not None:
            flat = values[at].reshape(-1, int(np.prod(values.shape[1:])))
            if cells is None:
                flat = flat[:, :: -(-flat.shape[1] // _MOST_CELLS)]
            else:
                flat = flat[:, cells]
            parts.append(np.nan_to_num(flat.astype(float) / (np.ptp(values) or 1.0)))
    if cells is None:
        return np.concatenate(parts, axis=1)
    return np.concatenate(parts, axis=0)


def _typical(features: NDArray[Any], given: NDArray[Any], count: int) -> list[int]:
    """Rows in the middle of each cluster: centres start far apart, then three rounds of k-means."""
    first = int(np.argmin(((features - np.median(features, axis=0)) ** 2).sum(axis=1)))
    centres = features[[first]]
    nearest = ((features - centres[0]) ** 2).sum(axis=1)
    for _ in range(count - 1):
        farthest = int(np.argmax(nearest))
        if nearest[farthest] < 1e-4:  # no other kind of trajectory is left
            break
        centres = np.vstack([centres, features[farthest]])
        nearest = np.minimum(nearest, ((features - features[farthest]) ** 2).sum(axis=1))
    for _ in range(3):
        distance = np.stack([((features - centre) ** 2).sum(axis=1) for centre in centres])
        member = distance.argmin(axis=0)
        centres = np.stack(
            [features[member == k].mean(axis=0) if (member == k).any() else c for k, c in enumerate(centres)]
        )
    distance = np.stack([((features - centre) ** 2).sum(axis=1) for centre in centres])
    sizes = np.bincount(distance.argmin(axis=0), minlength=len(centres))
    middles = distance.argmin(axis=1)
    # what the cells chosen already stand for comes last
    covered = np.isin(np.arange(len(centres)), distance[:, given].argmin(axis=0))
    order = sorted(range(len(centres)), key=lambda k: (covered[k], -sizes[k]))
    return [int(middles[k]) for k in order]
