"""Structural similarity (Wang et al. 2004) of pictures: to the nearest one of the data, and to each other."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

from .frechet import Array
from .neighbours import squared_distances


def ssim(a: Tensor, b: Tensor, batch: int = 250) -> Array:
    """(n,) of pairs of pictures (n, channels, rows, columns) in [-1, 1]; 1 for the same picture.

    The Gaussian window has the paper's sigma of 1.5 pixels, 0.5 where pictures are smaller than 16 pixels;
    edges are mirrored.
    """
    sigma = 1.5 if min(a.shape[-2:]) >= 16 else 0.5
    parts = [
        structural_similarity_index_measure(p, q, data_range=2.0, sigma=sigma, reduction="none")
        for p, q in zip(torch.split(a, batch), torch.split(b, batch), strict=True)
    ]
    return np.concatenate([np.asarray(part, dtype=np.float64).reshape(-1) for part in parts])


def nearest(pictures: Tensor, data: Tensor, itself: Tensor | None = None) -> NDArray[np.int64]:
    """(n,) index of the picture of the data with the least squared difference, other than number `itself` (n,)."""
    flat, other = (images.flatten(1).numpy() for images in (pictures, data))
    chosen = []
    for start in range(0, len(flat), 500):
        square = squared_distances(flat[start : start + 500], other)
        if itself is not None:
            square[np.arange(len(square)), itself[start : start + 500].numpy()] = np.inf
        chosen.append(square.argmin(axis=1))
    return np.concatenate(chosen)


def nearest_ssim(pictures: Tensor, data: Tensor, itself: Tensor | None = None) -> Array:
    """(n,) SSIM of each picture to the one that `nearest` finds."""
    return ssim(pictures, data[torch.from_numpy(nearest(pictures, data, itself))])


def pair_ssim(pictures: Tensor, pairs: int, rng: np.random.Generator) -> Array:
    """(pairs,) SSIM of random pairs of different pictures: the higher, the less diverse."""
    first = rng.integers(0, len(pictures), pairs)
    second = (first + rng.integers(1, len(pictures), pairs)) % len(pictures)
    return ssim(pictures[torch.from_numpy(first)], pictures[torch.from_numpy(second)])
