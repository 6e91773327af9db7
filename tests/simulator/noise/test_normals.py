"""The normal numbers: their distribution, their independence, and that each belongs to its name alone."""

import math

import numpy as np
import pytest
from scipy import stats

from cellnn.simulator.noise.normals import THERMAL_NOISE, NormalStream

STREAM = NormalStream(seed=12, purpose=THERMAL_NOISE)


def numbers(stream=STREAM, shape=(500, 801), sample=0, first_step=0):
    out = np.empty(shape)
    stream.fill(out, sample, first_step)
    return out


def test_moments_and_distribution():
    z = numbers().ravel()
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3), (6, 15)):
        spread = np.sqrt((math.prod(range(1, 2 * power, 2)) - moment**2) / z.size)
        assert abs((z**power).mean() - moment) < 4 * spread, power
    assert stats.kstest(z, "norm").pvalue > 1e-3
    # the tail: 4 sigma and beyond
    beyond = stats.binomtest(int((np.abs(z) > 4).sum()), z.size, 2 * stats.norm.sf(4))
    assert beyond.pvalue > 1e-3


def test_against_box_and_muller_with_the_librarys_functions():
    """The first pair from Philox's known answer for counter 0 and key 0, as Box and Muller would have it."""
    high, low, c, d = 0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8
    first, second = (((a << 20) | (b >> 12)) / 2**52 for a, b in ((high, low), (c, d)))
    radius = math.sqrt(-2 * math.log(1 - first))
    pair = radius * math.cos(2 * math.pi * second), radius * math.sin(2 * math.pi * second)
    np.testing.assert_allclose(numbers(NormalStream(0, 0), (1, 2))[0], pair, rtol=1e-14)


@pytest.mark.parametrize("lag", [1, 2, 3, 801, 1602, 8010])
def test_neighbours_in_cell_and_step_are_uncorrelated(lag):
    z = numbers().ravel()
    assert abs((z[lag:] * z[:-lag]).mean()) < 4 / math.sqrt(z.size)
    # nor do their squares know of each other, as a shared radius or angle would show
    assert abs(((z[lag:] ** 2 - 1) * (z[:-lag] ** 2 - 1)).mean()) < 4 * 2 / math.sqrt(z.size)


@pytest.mark.parametrize(
    "other",
    [
        {"stream": NormalStream(13, THERMAL_NOISE)},
        {"stream": NormalStream(12 + 2**32, THERMAL_NOISE)},
        {"stream": NormalStream(12, THERMAL_NOISE + 1)},
        {"stream": NormalStream(12, THERMAL_NOISE, layer=1)},
        {"stream": NormalStream(12, THERMAL_NOISE, state=1)},
        {"sample": 1},
        {"first_step": 500},
    ],
    ids=["seed", "high word of the seed", "purpose", "layer", "state", "sample", "step"],
)
def test_every_part_of_the_name_counts(other):
    z, w = numbers(), numbers(**other)
    assert not np.isin(w, z).any()
    assert abs((z * w).mean()) < 4 / math.sqrt(z.size)


@pytest.mark.parametrize("cells", [1, 2, 7, 64])
def test_a_number_does_not_depend_on_how_many_are_asked_for(cells):
    z = numbers()
    assert np.array_equal(numbers(shape=(30, cells), first_step=17), z[17:47, :cells])
    largest = numbers(NormalStream(2**63 - 1, THERMAL_NOISE, 65535, 255), (2, 3), 2**32 - 1, 2**32 - 2)
    assert np.isfinite(largest).all()
