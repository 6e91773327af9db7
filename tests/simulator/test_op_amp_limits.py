"""Arrays of op-amps come to the ideal array as their amplifiers become ideal, in proportion."""

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def limits():
    """The script of the documentation's figure."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        import op_amp_limits
    finally:
        sys.path.remove(str(EXAMPLES))
    return op_amp_limits


@pytest.mark.parametrize("seed", [0, 2])
@pytest.mark.parametrize("ideal", ["chua-yang", "m-cellnn"])
@pytest.mark.parametrize(("limit", "values"), [("GBW", np.logspace(8, 10, 5)), ("A0", np.logspace(5, 7, 5))])
def test_the_distance_falls_as_one_over_gain_and_bandwidth(limits, limit, values, ideal, seed):
    """Over two decades, by a factor of 100; and with everything far away nothing is left but the solvers' error."""
    found = limits.distances(ideal, limit, values, seed)
    slope, _ = np.polyfit(np.log(values), np.log(found), 1)
    assert slope == pytest.approx(-1, abs=0.02)
    (rest,) = limits.distances(ideal, limit, [limits.FAR[limit]], seed)
    assert rest < 1e-2 * found.min()
