"""Class balance, SSIM and bootstrap intervals against closed forms, SciPy and simulation."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.ndimage import gaussian_filter

from cellnn.diffusion.measures.bootstrap import centred_interval, interval_of_mean
from cellnn.diffusion.measures.class_balance import entropy, histogram, total_variation
from cellnn.diffusion.measures.frechet import Normal, frechet_distance
from cellnn.diffusion.measures.similarity import nearest, nearest_ssim, pair_ssim, ssim


def test_histogram_entropy_and_total_variation():
    np.testing.assert_array_equal(histogram(np.array([0, 2, 2, 3]), 5), [0.25, 0, 0.5, 0.25, 0])
    p, q = np.random.default_rng(0).dirichlet(np.ones(10), 2)
    assert entropy(p) == pytest.approx(stats.entropy(p, base=2))
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(3.0)
    assert entropy(np.array([0.0, 1.0])) == 0.0
    assert total_variation(p, q) == pytest.approx(np.maximum(p - q, 0).sum())
    assert total_variation(np.array([1.0, 0]), np.array([0, 1.0])) == 1.0
    assert total_variation(p, p) == 0.0


def pictures(seed, n=6, channels=1, size=28):
    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.normal(size=(n, channels, size, size)), (0, 0, 2, 2))
    return torch.from_numpy(np.clip(4 * smooth, -1, 1).astype(np.float32))


def ssim_by_scipy(a, b, sigma):
    """Wang et al. 2004, equation 13, a range of 2, edges mirrored; the mean over the picture."""
    blur = lambda x: gaussian_filter(x.astype(np.float64), sigma, truncate=3.5, mode="mirror")  # noqa: E731
    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    ma, mb = blur(a), blur(b)
    va, vb, vab = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    values = (2 * ma * mb + c1) * (2 * vab + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return values.mean()


@pytest.mark.parametrize(("size", "sigma"), [(28, 1.5), (8, 0.5)])
def test_ssim_is_that_of_the_paper(size, sigma):
    a, b = pictures(0, size=size), pictures(1, size=size)
    b[:3] = a[:3] + 0.3 * b[:3]
    exact = [ssim_by_scipy(x[0].numpy(), y[0].numpy(), sigma) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(ssim(a, b, batch=4), exact, atol=2e-4)


def test_ssim_of_constant_pictures_and_of_the_same():
    a, b = torch.full((1, 3, 32, 32), 0.5), torch.full((1, 3, 32, 32), -0.25)
    c1 = (0.01 * 2) ** 2
    assert ssim(a, b)[0] == pytest.approx((2 * 0.5 * -0.25 + c1) / (0.25 + 0.0625 + c1), abs=1e-4)
    np.testing.assert_allclose(ssim(pictures(0), pictures(0)), 1.0, atol=1e-6)


def test_the_nearest_picture():
    data, order = pictures(0, n=40), np.random.default_rng(1).permutation(40)[:9]
    close = data[torch.from_numpy(order)] + 0.01 * pictures(2, n=9)
    np.testing.assert_array_equal(nearest(close, data), order)
    square = ((data[:, None] - data[None]) ** 2).sum(dim=(2, 3, 4)).fill_diagonal_(torch.inf)
    np.testing.assert_array_equal(nearest(data, data, itself=torch.arange(40)), square.argmin(1))
    np.testing.assert_allclose(nearest_ssim(data[3:5], data), 1.0, atol=1e-6)


def test_pairs_are_of_different_pictures():
    two = torch.cat([torch.ones(1, 1, 28, 28), -torch.ones(1, 1, 28, 28)])
    assert (pair_ssim(two, 50, np.random.default_rng(0)) < -0.9).all()
    assert pair_ssim(two[:1].repeat(5, 1, 1, 1), 20, np.random.default_rng(0)) == pytest.approx(np.ones(20))


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution():
    x = np.random.default_rng(0).normal(3.0, 2.0, 2000)
    low, high = interval_of_mean(x, np.random.default_rng(1), resamples=4000)
    reach = 1.96 * x.std() / np.sqrt(2000)
    assert (low, high) == (
        pytest.approx(x.mean() - reach, abs=0.1 * reach),
        pytest.approx(x.mean() + reach, abs=0.1 * reach),
    )


def test_the_centred_interval_covers_the_expected_distance_at_this_count():
    """Of 100 sets of samples, 95 % intervals hold the mean of the biased estimate in 88 or more."""
    reference = Normal(np.zeros(5), np.eye(5), np.eye(5))
    rng = np.random.default_rng(0)
    draw = lambda: 0.2 + 1.2 * rng.normal(size=(150, 5))  # noqa: E731
    statistic = lambda x: frechet_distance(x, reference)  # noqa: E731
    expected = np.mean([statistic(draw()) for _ in range(2000)])
    inside = 0
    for _ in range(100):
        samples = draw()
        low, high = centred_interval(statistic(samples), statistic, samples, rng, 120)
        inside += low <= expected <= high
    assert 88 <= inside <= 99
