"""What varies, multiplied out: against itertools, SciPy's distributions and SALib's own design."""

import itertools

import numpy as np
import pytest
from SALib.sample import sobol
from scipy import stats

from cellnn.devices.errors import InputError
from cellnn.sweep.axes import SEEDS, RandomAxis, parse_vary
from cellnn.sweep.places import put, take
from cellnn.sweep.points import points_of


def points(vary, seed=0, sobol=None):
    return points_of({place: parse_vary(place, how) for place, how in vary.items()}, seed, sobol)


def test_grids_and_lists_are_a_product_in_the_order_of_the_file():
    found = points({"a": {"list": ["x", "y"]}, "b.c": {"grid": {"low": 0, "high": 1, "count": 3}}})
    expected = [{"a": a, "b.c": b} for a, b in itertools.product(["x", "y"], [0.0, 0.5, 1.0])]
    assert [found.at(k) for k in range(len(found))] == expected
    assert found.cases == expected and found.draws == 1


def test_a_logarithmic_grid_and_units():
    found = points({"cell.R": {"grid": {"low": "1kOhm", "high": "100kOhm", "count": 3, "scale": "log"}}})
    assert [found.at(k)["cell.R"] for k in range(3)] == pytest.approx([1e3, 1e4, 1e5])
    shares = points({"hardware.faults.low": {"grid": {"low": "1%", "high": "5%", "count": 2}}})
    assert [shares.at(k)["hardware.faults.low"] for k in range(2)] == pytest.approx([0.01, 0.05])


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ({"low": 2, "high": 8, "count": 7}, [2, 3, 4, 5, 6, 7, 8]),
        ({"low": -4, "high": 2, "count": 3}, [-4, -1, 2]),
        ({"low": 0, "high": 1, "count": 3}, [0.0, 0.5, 1.0]),
        ({"low": "1V", "high": "3V", "count": 3}, [1.0, 2.0, 3.0]),
        ({"low": 1, "high": 100, "count": 3, "scale": "log"}, [1.0, 10.0, 100.0]),
    ],
)
def test_a_grid_has_whole_numbers_where_ends_and_step_are_whole_and_bare(grid, expected):
    found = parse_vary("a", {"grid": grid}).values()
    assert found == pytest.approx(expected) and [type(value) for value in found] == [type(one) for one in expected]


def test_all_that_is_random_is_drawn_together():
    """Draws of one case are independent only then; chips take part."""
    vary = {
        "a": {"list": [1, 2]},
        "b": {"random": {"low": 0, "high": 1}},
        "c": {"random": {"distribution": "normal", "mean": 3, "std": 2}},
        "chips": {"count": 5, "first": 10},
    }
    found = points(vary)
    assert len(found) == 10 and found.draws == 5
    rows = [found.at(k) for k in range(10)]
    assert [row["seed.mismatch"] for row in rows] == 2 * [10, 11, 12, 13, 14]
    assert all(row[seed] == row["seed.mismatch"] for row in rows for seed in SEEDS)
    assert [row["b"] for row in rows[:5]] == [row["b"] for row in rows[5:]] and len({row["b"] for row in rows}) == 5
    with pytest.raises(InputError, match="chips.count: got 5; expected 4, as all"):
        points(vary | {"b": {"random": {"low": 0, "high": 1, "count": 4}}, "chips": {"count": 5}})
    with pytest.raises(InputError, match="how many draws"):
        points({"b": {"random": {"low": 0, "high": 1}}})


@pytest.mark.parametrize(
    ("how", "law"),
    [
        ({"low": -1, "high": 3}, stats.uniform(-1, 4)),
        ({"distribution": "log-uniform", "low": 1, "high": 100}, stats.loguniform(1, 100)),
        ({"distribution": "normal", "mean": 3, "std": 2}, stats.norm(3, 2)),
    ],
)
def test_draws_follow_their_distribution_and_the_first_stay_when_there_are_more(how, law):
    axis = RandomAxis.model_validate(how)
    drawn = axis.drawn(4000, 1, "a")
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-3
    assert axis.drawn(10, 1, "a") == drawn[:10]
    assert axis.drawn(10, 1, "b") != drawn[:10] and axis.drawn(10, 2, "a") != drawn[:10]


def test_whole_numbers_are_drawn_evenly():
    drawn = RandomAxis.model_validate({"distribution": "integers", "low": 2, "high": 5}).drawn(4000, 0, "a")
    assert set(drawn) == {2, 3, 4, 5}
    assert stats.chisquare(np.bincount(drawn)[2:]).pvalue > 1e-3


def test_a_sobol_design_is_salibs_with_the_chips_as_a_product():
    vary = {
        "a": {"random": {"low": 2, "high": 4}},
        "b": {"random": {"distribution": "normal", "mean": 0, "std": 1}},
        "chips": {"count": 3},
    }
    found = points(vary, seed=5, sobol=4)
    shares = sobol.sample(
        {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1]] * 2}, 4, calc_second_order=False, seed=5
    )
    assert len(found) == 3 * 4 * (2 + 2) == 3 * len(shares)
    rows = [found.at(3 * k) for k in range(16)]
    assert [row["a"] for row in rows] == pytest.approx(2 + 2 * shares[:, 0])
    assert stats.norm.cdf([row["b"] for row in rows]) == pytest.approx(shares[:, 1])


def test_values_are_put_at_places_that_are_there_or_can_be_made():
    base = {"cell": {"R": 1}, "layers": [{"template": "EDGE"}], "hardware": {"noise": True}}
    found = put(base, {"cell.R": 2, "layers[0].template": "HOLE", "hardware.noise.temperature": 300, "run.stop": 1})
    assert found == {
        "cell": {"R": 2}, "layers": [{"template": "HOLE"}], "hardware": {"noise": {"temperature": 300}},
        "run": {"stop": 1},
    }  # fmt: skip
    assert base["cell"]["R"] == 1
    assert take(found, {"cell.R": 0, "run.step": 0, "nothing.here": 0})["cell"] == {}
    with pytest.raises(InputError, match=r"layers\[1\].template: got 1; expected an index from 0 to 0"):
        put(base, {"layers[1].template": "HOLE"})
    with pytest.raises(InputError, match="cell.R.x: got 1; expected a mapping at R"):
        put(base, {"cell.R.x": 2})
