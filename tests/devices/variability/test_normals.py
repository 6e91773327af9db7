"""Normal numbers of single precision: SciPy's distribution, moments within their errors, and what they depend on."""

import numpy as np
import pytest
from scipy import stats

from cellnn.devices.variability.normals import fill_normals
from cellnn.devices.variability.streams import key_of, stream


def numbers(planes, count, key=1, row=0, dtype=np.float32):
    out = np.full((planes, count), np.nan, dtype)
    fill_normals(out, key, row)
    return out


def test_they_are_normal():
    found = numbers(40, 50_000).astype(float)
    n = found.size
    assert stats.kstest(found.ravel(), "norm").pvalue > 1e-3
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        spread = np.sqrt((stats.norm.moment(2 * power) - moment**2) / n)
        assert abs((found**power).mean() - moment) < 4.5 * spread
    # the tails: as many beyond 4 as there should be, and some beyond
    expected = n * 2 * stats.norm.sf(4.0)
    assert abs((np.abs(found) > 4.0).sum() - expected) < 4.5 * np.sqrt(expected)


def test_neighbours_planes_rows_and_keys_are_independent():
    base = numbers(2, 200_000)
    quarter = 50_000
    pairs = [(base[0], base[1]), (base[0], numbers(1, 200_000, row=1)[0]), (base[0], numbers(1, 200_000, key=2)[0])]
    pairs += [(base[0, :-1], base[0, 1:]), (base[0, :quarter], base[0, quarter : 2 * quarter])]
    pairs += [(base[0, :quarter], base[0, 2 * quarter : 3 * quarter])]
    for a, b in pairs:
        for x, y in ((a, b), (a**2, b**2)):
            assert abs(np.corrcoef(x, y)[0, 1]) < 4.5 / np.sqrt(len(x))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 9, 63, 64])
def test_every_number_is_written_and_in_double_is_the_same(count):
    found = numbers(3, count)
    assert np.isfinite(found).all() and len(np.unique(found)) == found.size
    assert np.array_equal(found, numbers(3, count, dtype=np.float64).astype(np.float32))


def test_a_stream_draws_on_in_single_precision():
    drawn = stream(3, "noise", "a")
    first, second = (drawn.standard_normal((50, 40), np.float32) for _ in range(2))
    assert first.dtype == np.float32 and not np.array_equal(first, second)
    again = stream(3, "noise", "a")
    assert np.array_equal(again.standard_normal((50, 40), dtype=np.float32), first)
    assert not np.array_equal(stream(3, "noise", "b").standard_normal((50, 40), np.float32), first)
    # double precision is numpy's own, as before
    expected = np.random.Generator(stream(3, "noise", "a").bit_generator).standard_normal(5)
    assert np.array_equal(stream(3, "noise", "a").standard_normal(5), expected)
    assert len({key_of(3, "a"), key_of(4, "a"), key_of(3, "b")}) == 3
