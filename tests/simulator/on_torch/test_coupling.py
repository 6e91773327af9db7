"""The coupling on tensors against loops over the kernel."""

import numpy as np
import pytest
import torch

from cellnn.circuits.own_values import OwnValues
from cellnn.simulator.on_torch.coupling import MOST_TAPS, TensorCoupling
from tests import reference

from .cases import AS_REFERENCE, BOUNDARIES, problem


def kernel(seed, channels, size):
    return np.random.default_rng(seed).normal(size=(channels, channels, size, size))


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
@pytest.mark.parametrize("channels", [1, 5])
@pytest.mark.parametrize(("size", "rows", "columns"), [(3, 4, 6), (5, 5, 3), (7, 1, 2)])
def test_every_boundary_and_size(boundary, channels, size, rows, columns):
    """Few weights and many (shifted planes, convolution); arrays smaller than the kernel's reach too."""
    A = kernel(0, channels, size)
    array = problem(A, channels=channels, rows=rows, columns=columns, boundary=boundary, V1=0.5).array
    y = np.random.default_rng(1).normal(size=(2, channels, rows, columns))
    feed = torch.zeros(y.shape, dtype=torch.float64)
    ours = TensorCoupling(array, like=feed).added(feed, torch.tensor(y)).numpy()
    kind = AS_REFERENCE[boundary if isinstance(boundary, str) else "fixed"]
    beyond = kind if isinstance(kind, str) else ("fixed", -0.25)  # V1 times its value
    truth = [reference.correlate(A, reference.pad(sample, A, beyond)) for sample in y]
    assert np.count_nonzero(A) > MOST_TAPS or channels == 1
    np.testing.assert_allclose(ours, truth, rtol=0, atol=1e-12)


@pytest.mark.parametrize("chips", [1, 3])
@pytest.mark.parametrize("channels", [1, 4])
def test_weights_of_their_own(chips, channels):
    """y_out(i, j) = sum A[i, j] y(i + k, j + m), written as loops over cells."""
    rng = np.random.default_rng(2)
    rows, columns, samples = 3, 4, 3
    A = rng.normal(size=(chips, channels, channels, 3, 3, rows, columns))
    plain = problem(np.ones((channels, channels, 3, 3)), channels=channels, rows=rows, columns=columns).array
    array = type(plain)(**{**vars(plain), "own": OwnValues(A=A)})
    y = rng.normal(size=(samples, channels, rows, columns))
    feed = rng.normal(size=y.shape)
    ours = TensorCoupling(array, like=torch.tensor(feed)).added(torch.tensor(feed), torch.tensor(y)).numpy()
    truth = feed.copy()
    for n, out, i, j in np.ndindex(truth.shape):
        for into, k, m in np.ndindex(channels, 3, 3):
            there = min(max(i + k - 1, 0), rows - 1), min(max(j + m - 1, 0), columns - 1)
            truth[n, out, i, j] += A[n % chips, out, into, k, m, i, j] * y[(n, into, *there)]
    np.testing.assert_allclose(ours, truth, rtol=0, atol=1e-12)
