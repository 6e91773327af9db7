"""Yields and distributions: against the formulas in SciPy's beta and normal distributions, and by coverage."""

import numpy as np
import pytest
from scipy import stats

from cellnn.sweep.reduce import distribution, meets, yield_of


def test_clopper_pearson_is_that_of_beta_quantiles():
    found = yield_of(np.arange(40) < 37, 0.95, "clopper-pearson")
    assert (found.met, found.count, found.share) == (37, 40, 37 / 40)
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 37, 4))
    assert found.high == pytest.approx(stats.beta.ppf(0.975, 38, 3))
    assert yield_of(np.ones(20, bool), 0.95, "clopper-pearson").high == 1.0


def test_wilson_is_that_of_its_formula():
    found, k, n, z = yield_of(np.arange(50) < 45, 0.9, "wilson"), 45, 50, stats.norm.ppf(0.95)
    p = k / n
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert (found.low, found.high) == pytest.approx(
        ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    )


def test_intervals_cover_the_true_share_as_often_as_they_say():
    met = np.random.default_rng(0).binomial(60, 0.9, 4000)
    found = {k: yield_of(np.arange(60) < k, 0.95, "clopper-pearson") for k in set(met.tolist())}
    assert np.mean([found[k].low <= 0.9 <= found[k].high for k in met.tolist()]) > 0.945


def test_what_has_no_value_meets_nothing_and_is_told():
    values = np.array([1.0, 2.0, np.nan, 4.0])
    assert meets(values, 3.0, None).tolist() == [True, True, False, False]
    assert meets(values, None, 1.5).tolist() == [False, True, False, True]
    found = distribution(values, [0.5])
    assert (found.count, found.without, found.mean, found.least, found.largest) == (3, 1, pytest.approx(7 / 3), 1, 4)
    assert found.mean_error == pytest.approx(stats.sem([1, 2, 4])) and found.quantiles == {"0.5": 2.0}
    nothing = distribution(np.array([np.nan]), [0.5])
    assert nothing.mean is None and nothing.without == 1
