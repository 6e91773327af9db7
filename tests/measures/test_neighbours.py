"""Precision, recall, density and coverage against scikit-learn's neighbours and cases known beforehand."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from cellnn.diffusion.measures.neighbours import neighbours, radii


def cloud(seed, n=60, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, 4)) + shift


def kth(features, k):
    """Distance to the k-th neighbour; sklearn counts a point as its own first."""
    return NearestNeighbors(n_neighbors=k + 1).fit(features).kneighbors(features)[0][:, k]


@pytest.mark.parametrize("k", [1, 3, 5])
def test_radii(k):
    np.testing.assert_allclose(np.sqrt(radii(cloud(0), k)), kth(cloud(0), k), rtol=1e-7)


@pytest.mark.parametrize("shift", [0.0, 0.7])
def test_the_definitions(shift):
    fake, real = cloud(1, 50, shift), cloud(2, 70)
    far = pairwise_distances(fake, real)
    found = neighbours(fake, real)
    np.testing.assert_array_equal(found.precision, [(row <= kth(real, 3)).any() for row in far])
    np.testing.assert_array_equal(found.recall, [(column <= kth(fake, 3)).any() for column in far.T])
    np.testing.assert_allclose(found.density, [(row <= kth(real, 5)).sum() / 5 for row in far])
    np.testing.assert_array_equal(found.coverage, [c.min() <= r for c, r in zip(far.T, kth(real, 5), strict=True)])


def test_pictures_of_another_kind_and_a_lost_half():
    apart = [values.mean() for values in neighbours(cloud(0, shift=100.0), cloud(1))]
    assert apart == [0, 0, 0, 0]
    same = [values.mean() for values in neighbours(cloud(0), cloud(0))]
    assert same[0] == same[1] == same[3] == 1
    real = np.concatenate([cloud(0, 100), cloud(1, 100, shift=50.0)])
    half = neighbours(cloud(2, 200), real)
    assert half.precision.mean() > 0.7
    assert half.recall[100:].sum() == half.coverage[100:].sum() == 0
    assert 0.3 < half.recall.mean() <= 0.5
