"""The kernel inception distance with our features: the squared maximum mean discrepancy under a cubic kernel,
unbiased (Binkowski, Sutherland, Arbel, Gretton, "Demystifying MMD GANs", 2018; Gretton et al. 2012, eq. 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .frechet import Array


@dataclass(frozen=True)
class KernelDistance:
    """The estimate from all features, its standard error from those of the samples, and the mean and standard
    deviation over random subsets, as papers report it."""

    value: float
    standard_error: float
    subset_mean: float
    subset_spread: float
    subset_size: int


def cubic_kernel(a: Array, b: Array) -> Array:
    """(n, m): (a . b / d + 1)^3, for features (n, d) and (m, d)."""
    linear = a @ b.T
    linear /= a.shape[1]
    linear += 1.0
    return linear * linear * linear


def kernel_distance(
    samples: Array, reference: Array, rng: np.random.Generator, subsets: int = 100, subset_size: int = 1000
) -> KernelDistance:
    """The distance between features (n, d) and (m, d), n at least 3. It may be negative where the two are alike.

    The standard error is the jackknife's over the samples, the reference held.
    """
    within, across = cubic_kernel(samples, samples), cubic_kernel(samples, reference)
    between = cubic_kernel(reference, reference)
    n, m = across.shape
    own, cross = within.sum(axis=1) - np.diagonal(within), across.mean(axis=1)
    reference_term = (between.sum() - np.trace(between)) / (m * (m - 1))
    total = own.sum()
    value = total / (n * (n - 1)) + reference_term - 2 * cross.mean()
    without = (total - 2 * own) / ((n - 1) * (n - 2)) + reference_term - 2 * (cross.sum() - cross) / (n - 1)
    error = np.sqrt((n - 1) / n * np.square(without - without.mean()).sum())
    size = min(subset_size, n, m)
    i, j = _indicators(n, size, subsets, rng), _indicators(m, size, subsets, rng)  # sums over subsets as products
    pairs = size * (size - 1)
    drawn = (
        ((i * (within @ i)).sum(axis=0) - np.diagonal(within) @ i) / pairs
        + ((j * (between @ j)).sum(axis=0) - np.diagonal(between) @ j) / pairs
        - 2 * (i * (across @ j)).sum(axis=0) / size**2
    )
    return KernelDistance(float(value), float(error), float(np.mean(drawn)), float(np.std(drawn)), size)


def _indicators(count: int, size: int, subsets: int, rng: np.random.Generator) -> Array:
    """(count, subsets) 1 for those of a random subset of this size, 0 elsewhere."""
    chosen = np.zeros((count, subsets))
    for k in range(subsets):
        chosen[rng.choice(count, size, replace=False), k] = 1.0
    return chosen
