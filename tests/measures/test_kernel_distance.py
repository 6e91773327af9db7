"""The kernel distance against scikit-learn's kernel and sums written out."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from cellnn.diffusion.measures.kernel_distance import cubic_kernel, kernel_distance


def by_hand(a, b):
    """Equation 3 of Gretton et al. (2012), loops and all."""
    d = a.shape[1]
    k = lambda x, y: (x @ y / d + 1) ** 3  # noqa: E731
    n, m = len(a), len(b)
    within = sum(k(a[i], a[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    between = sum(k(b[i], b[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return within + between - 2 * sum(k(x, y) for x in a for y in b) / (n * m)


def two(seed, n=15, m=22, d=5, shift=0.5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + shift, rng.normal(size=(m, d))


def test_the_kernel_is_sklearns():
    a, b = two(0)
    np.testing.assert_allclose(cubic_kernel(a, b), polynomial_kernel(a, b, degree=3, gamma=1 / 5, coef0=1), rtol=1e-12)


def test_the_estimate_and_its_jackknife():
    a, b = two(1)
    found = kernel_distance(a, b, np.random.default_rng(0))
    assert found.value == pytest.approx(by_hand(a, b), rel=1e-9)
    without = np.array([by_hand(np.delete(a, i, axis=0), b) for i in range(len(a))])
    exact = np.sqrt((len(a) - 1) / len(a) * ((without - without.mean()) ** 2).sum())
    assert found.standard_error == pytest.approx(exact, rel=1e-9)


def test_subsets():
    a, b = two(2, n=15, m=15)
    whole = kernel_distance(a, b, np.random.default_rng(0), subsets=3, subset_size=1000)
    assert whole.subset_size == 15
    assert whole.subset_mean == pytest.approx(whole.value, rel=1e-9)
    assert whole.subset_spread == pytest.approx(0.0, abs=1e-9)
    parts = kernel_distance(a, b, np.random.default_rng(5), subsets=4, subset_size=6)
    rng = np.random.default_rng(5)
    of_a = [rng.choice(15, 6, replace=False) for _ in range(4)]
    of_b = [rng.choice(15, 6, replace=False) for _ in range(4)]
    exact = [by_hand(a[i], b[j]) for i, j in zip(of_a, of_b, strict=True)]
    assert parts.subset_mean == pytest.approx(np.mean(exact), rel=1e-9)
    assert parts.subset_spread == pytest.approx(np.std(exact), rel=1e-9)


def test_it_is_unbiased():
    """Between samples of one distribution its mean is 0, within three standard errors."""
    values = [
        kernel_distance(*two(k, 30, 40, shift=0.0), np.random.default_rng(0), subsets=1).value for k in range(300)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)
    assert kernel_distance(*two(0, 30, 40), np.random.default_rng(0)).value > 5 * np.std(values)
