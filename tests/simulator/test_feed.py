"""What inputs drive into cells with weights of their own, against the sum written out."""

import numpy as np
import pytest

from cellnn.circuits.row_memory import as_planes, empty_rows
from cellnn.simulator.feed import own_feed


def by_the_sum(padded, weights):
    chips, out, into, height, width, rows, columns = weights.shape
    found = np.zeros((len(padded), out, rows, columns))
    for n in range(len(padded)):
        for k, m in np.ndindex(height, width):
            part = padded[n, :, k : k + rows, m : m + columns].astype(float)
            found[n] += np.einsum("ocij,cij->oij", weights[n % chips, :, :, k, m].astype(float), part)
    return found


# out: blocks of 4 and what is left; columns: below, at and above a vector; samples: blocks of 6 and what is left
@pytest.mark.parametrize("out, columns, samples, chips", [(5, 7, 7, 1), (4, 16, 6, 1), (1, 19, 13, 1), (6, 28, 3, 3)])
@pytest.mark.parametrize("dtype, bar", [(np.float32, 1e-5), (np.float64, 1e-13)])
def test_against_the_sum_written_out(out, columns, samples, chips, dtype, bar):
    rng = np.random.default_rng(0)
    padded = rng.normal(size=(samples, 3, 6, columns + 2)).astype(dtype)
    weights = rng.normal(size=(chips, out, 3, 3, 3, 4, columns)).astype(dtype)
    expected = by_the_sum(padded, weights)
    found = own_feed(padded, weights)
    assert found.dtype == dtype and np.abs(found - expected).max() < bar * np.abs(expected).max()
    assert np.array_equal(found, own_feed(padded, weights, threads=3))
    # a sample has the same bits whatever runs beside it, and weights the same wherever they lie
    if chips == 1:
        assert np.array_equal(found[-1:], own_feed(padded[-1:], weights))
        rows = empty_rows(weights.shape[1:5], 4, columns, dtype)
        rows[...] = np.moveaxis(weights[0], -2, 0)
        assert np.array_equal(found, own_feed(padded, as_planes(rows)))
