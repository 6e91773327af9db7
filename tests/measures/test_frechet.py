"""The Frechet distance against closed forms, SciPy's matrix root and torchmetrics; its floor and extrapolation."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from cellnn.diffusion.measures.extrapolation import frechet_infinity
from cellnn.diffusion.measures.floors import frechet_floor
from cellnn.diffusion.measures.frechet import Normal, frechet_distance, normal


def features(seed, n=300, d=12):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)


def with_moments(mean, deviations, seed=0, n=200):
    """Features whose sample mean and covariance are exactly these."""
    x = np.random.default_rng(seed).normal(size=(n, len(mean)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T)).T)
    return x * deviations + mean


def test_closed_form_of_independent_features():
    a = with_moments([1.0, -2.0, 0.5], [1.0, 2.0, 3.0])
    b = with_moments([0.0, 1.0, 0.5], [2.0, 2.0, 0.5], seed=1)
    exact = (1 + 9 + 0) + (1 + 0 + 2.5**2)
    assert frechet_distance(a, normal(b)) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_scipys_matrix_root(seed):
    a, b = features(seed), features(seed + 10)
    (s, t), offset = (np.cov(x.T) for x in (a, b)), a.mean(0) - b.mean(0)
    exact = offset @ offset + np.trace(s + t - 2 * sqrtm(s @ t).real)
    assert frechet_distance(a, normal(b)) == pytest.approx(exact, rel=1e-8)


def test_torchmetrics():
    from torchmetrics.image.fid import FrechetInceptionDistance

    class Flatten(torch.nn.Module):
        num_features = 12

        def forward(self, x):
            return x.flatten(1)

    a, b = features(1), features(2)
    metric = FrechetInceptionDistance(feature=Flatten(), input_img_size=(1, 3, 4), normalize=True)
    metric.set_dtype(torch.float64)
    for x, real in ((a, True), (b, False)):
        metric.update(torch.from_numpy(x).reshape(-1, 1, 3, 4), real=real)
    assert frechet_distance(b, normal(a)) == pytest.approx(float(metric.compute()), rel=1e-6)


def test_the_same_features_are_at_no_distance_even_when_some_never_vary():
    a = features(3)
    a[:, 4] = 2.0
    assert frechet_distance(a, normal(a)) == pytest.approx(0.0, abs=1e-6 * np.trace(np.cov(a.T)))
    b = a + 0.5
    assert frechet_distance(b, normal(a)) == pytest.approx(12 * 0.25, rel=1e-6)
    assert frechet_distance(a, normal(b)) == pytest.approx(
        frechet_distance(b, normal(a)), rel=1e-6
    )  # roots of a zero variance's rounding


def standard(d):
    return Normal(np.zeros(d), np.eye(d), np.eye(d))


def test_extrapolation_takes_the_bias_of_few_samples_away():
    """Samples of N(0.1, 1.5^2) in 20 dimensions from N(0, 1): the distance is 20 (0.01 + 0.25) = 5.2."""
    biased, extrapolated = [], []
    for seed in range(12):
        samples = 0.1 + 1.5 * np.random.default_rng(seed).normal(size=(1000, 20))
        biased.append(frechet_distance(samples, standard(20)))
        found = frechet_infinity(samples, standard(20), np.random.default_rng([seed, 1]))
        assert found.count == 1000
        extrapolated.append(found.value)
    bias, left = np.mean(biased) - 5.2, np.mean(extrapolated) - 5.2
    assert bias > 0.1
    assert abs(left) < 0.25 * bias


def test_extrapolation_says_when_it_is_not_stable():
    rng = np.random.default_rng(0)
    many, few = rng.normal(size=(4000, 20)) + 1, rng.normal(size=(500, 20)) + 1
    assert frechet_infinity(many, standard(20), rng).stable
    assert not frechet_infinity(few, standard(20), rng).stable


def test_the_floor_in_one_dimension():
    """E (m1 - m2)^2 + (s1 - s2)^2 = 3/2 s^2 (1/n + 1/m) to first order."""
    x = 2.0 * np.random.default_rng(0).normal(size=(2000, 1))
    floor = frechet_floor(x, 200, np.random.default_rng(1), splits=1500)
    assert (floor.count, floor.against) == (200, 1800)
    exact = 1.5 * 4.0 * (1 / 200 + 1 / 1800)
    assert floor.value == pytest.approx(exact, rel=0.12)
    assert floor.spread > 0


def test_a_floor_takes_at_most_half_of_the_data():
    floor = frechet_floor(features(0, n=101), 5000, np.random.default_rng(0), splits=2)
    assert (floor.count, floor.against) == (50, 51)
