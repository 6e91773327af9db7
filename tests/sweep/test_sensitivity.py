"""Shares of the variance: of functions whose shares are known."""

import numpy as np
import pytest

from cellnn.devices.errors import InputError
from cellnn.sweep.points import points_of
from cellnn.sweep.saltelli import FEWEST
from cellnn.sweep.sensitivity import sensitivity
from cellnn.sweep.study import StudySpec, read_study

VARY = {"a": {"random": {"low": -1, "high": 1}}, "b": {"random": {"distribution": "normal", "mean": 2, "std": 1}}}


def spec(method, vary, **more):
    how = {"method": method, **more}
    return StudySpec.model_validate(
        {"study": 1, "spec": {}, "vary": vary, "measures": ["output_mean"], "sensitivity": how}
    )


def values(spec, f):
    points = points_of(spec.vary, spec.seed, spec.sobol)
    return points, np.array([f(points.at(k)) for k in range(len(points))])


def test_sobol_indices_of_a_sum_are_the_shares_of_its_terms():
    """3 a + b with variances 9/3 and 1: three quarters and one."""
    one = spec("sobol", VARY, samples=256)
    found = sensitivity(one, *values(one, lambda at: 3 * at["a"] + at["b"]))["shares"]
    assert found["a"]["first"] == pytest.approx(0.75, abs=0.03) and found["a"]["total"] == pytest.approx(0.75, abs=0.03)
    assert found["b"]["first"] == pytest.approx(0.25, abs=0.03)


def test_sobol_indices_of_a_product_tell_what_comes_from_both():
    """a (b - 2) has no share of either alone, and all of both."""
    one = spec("sobol", VARY, samples=512)
    found = sensitivity(one, *values(one, lambda at: at["a"] * (at["b"] - 2)))["shares"]
    assert abs(found["a"]["first"]) < 0.06 and abs(found["b"]["first"]) < 0.06
    assert found["a"]["total"] == pytest.approx(1.0, abs=0.08) and found["b"]["total"] == pytest.approx(1.0, abs=0.08)


def test_chips_are_averaged_before_the_analysis():
    one = spec("sobol", VARY | {"chips": {"count": 2}}, samples=64)
    points, found = values(one, lambda at: 3 * at["a"] + at["b"] + (100 if at["seed.mismatch"] else -100))
    shares = sensitivity(one, points, found)["shares"]
    assert shares["a"]["first"] == pytest.approx(0.75, abs=0.08)


def test_free_draws_leave_the_scatter_of_chips_over():
    vary = {"a": VARY["a"], "b": VARY["b"], "chips": {"count": 1000}}
    one = spec("rbd-fast", vary)
    noise = np.random.default_rng(0).normal(0, 2, 1000)
    points, found = values(one, lambda at: 3 * at["a"] + at["b"] + noise[at["seed.mismatch"]])
    shares = sensitivity(one, points, found)["shares"]  # of 3 + 1 + 4
    assert shares["a"]["first"] == pytest.approx(3 / 8, abs=0.08)
    assert shares["b"]["first"] == pytest.approx(1 / 8, abs=0.08)


def test_what_cannot_be_told_is_said():
    one = spec("sobol", VARY, samples=4)
    points, found = values(one, lambda at: 1.0)
    assert sensitivity(one, points, found) == {"method": "sobol", "shares": {}, "why": "the measure does not vary"}
    found[0] = np.nan
    assert sensitivity(one, points, found)["why"] == "some points have no value"


@pytest.mark.parametrize("method", ["sobol", "rbd-fast"])
def test_the_same_study_has_the_same_half_widths_at_the_default_seed(method):
    one = spec(method, VARY if method == "sobol" else VARY | {"chips": {"count": FEWEST}}, samples=16)
    points, found = values(one, lambda at: 3 * at["a"] + at["b"])
    assert one.seed == 0
    np.random.seed(0)  # the global stream is no part of it
    first = sensitivity(one, points, found)
    np.random.seed(1)
    assert sensitivity(one, points, found) == first
    other = one.model_copy(update={"seed": 1})
    assert sensitivity(other, points, found)["shares"]["a"]["first_half_width"] != pytest.approx(
        first["shares"]["a"]["first_half_width"], rel=1e-6
    )


def test_free_draws_too_few_for_half_widths_are_refused_and_enough_have_them(study, write_study):
    """SALib's answers to 20, 21 and 30 draws: no number, 1.0 +- 0, and a half-width of 0."""
    how = {"vary": VARY | {"chips": {"count": FEWEST - 1}}, "sensitivity": {"method": "rbd-fast"}}
    with pytest.raises(InputError, match=rf"line \d+: sensitivity: got 63; expected at least {FEWEST} draws"):
        read_study(write_study(study | how))
    widths = []
    for count in (FEWEST, 4 * FEWEST):
        one = spec("rbd-fast", VARY | {"chips": {"count": count}})
        points, found = values(one, lambda at: 3 * at["a"] + at["b"])
        shares = sensitivity(one, points, found)["shares"]
        assert shares["a"]["first"] == pytest.approx(0.75, abs=0.15)
        widths.append(shares["a"]["first_half_width"])
    assert 0.01 < widths[1] < widths[0] < 1.0


def test_a_measure_in_which_one_draw_differs_has_no_shares_and_no_traceback():
    """Resamples of the bootstrap are then constant: 0/0."""
    one = spec("rbd-fast", VARY | {"chips": {"count": FEWEST}})
    points, found = values(one, lambda at: 1.0)
    found[3] = 2.0
    told = sensitivity(one, points, found)
    assert told["shares"] == {} and "too few points differ" in told["why"]
