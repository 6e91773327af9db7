"""Steppers and step-size control: order of convergence, tolerance, save points, failures."""

import json
import math
from typing import get_args

import numpy as np
import pytest
from scipy.linalg import expm

import cellnn
from cellnn.circuits.spec.models import FIXED_STEP, RunSpec
from cellnn.simulator.control import PIController, largest_error
from cellnn.simulator.steppers import STEPPERS, Tableau

RC = 1e-6

EXPLICIT = [name for name, method in STEPPERS.items() if isinstance(method, Tableau)]
ADAPTIVE = [name for name, method in STEPPERS.items() if method.error is not None]


def linear_array(method, **run):
    """A 3x3 array that stays in the linear range: v' = (M v)/RC exactly."""
    A = 0.1 * np.arange(9.0).reshape(3, 3) - 0.3
    v0 = np.linspace(-0.4, 0.4, 9).reshape(3, 3)
    spec = {
        "cellnn": 1,
        "grid": {"rows": 3, "columns": 3, "boundary": {"fixed": 0}},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"template": {"A": A}}],
        "initial": v0,
        "run": {"stop": "2us", "method": method, "save": 9, **run},
    }
    layer = cellnn.simulate(cellnn.load(spec))["layer1"]
    matrix = -np.eye(9)
    for i in range(3):
        for j in range(3):
            for k in range(3):
                for m in range(3):
                    if 0 <= i + k - 1 < 3 and 0 <= j + m - 1 < 3:
                        matrix[3 * i + j, 3 * (i + k - 1) + j + m - 1] += A[k, m]
    exact = np.array([expm(matrix * t / RC) @ v0.ravel() for t in layer["time"].values]).reshape(-1, 3, 3)
    assert np.abs(exact).max() < 1  # linear indeed
    return np.abs(layer["state"].values[:, 0] - exact), layer


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
def test_order_of_convergence(method, order):
    steps = 2e-6 / np.array([10, 20, 40, 80])
    errors = [linear_array(method, step=float(h))[0][-1].max() for h in steps]
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert abs(slope - order) < 0.2


@pytest.mark.parametrize("name", EXPLICIT)
def test_order_conditions(name):
    """The tall-tree conditions b a^(k-1) 1 = 1/k!, and quadrature b c^(k-1) = 1/k, up to the order and no further;
    the error estimate is of one order less."""
    tableau = STEPPERS[name]
    b, a = np.array(tableau.b), np.zeros((tableau.stages, tableau.stages))
    for s, row in enumerate(tableau.a):
        a[s, : len(row)] = row
    tall, c = np.ones(tableau.stages), a.sum(axis=1)
    for k in range(1, tableau.order + 1):
        assert b @ tall == pytest.approx(1 / math.factorial(k), rel=1e-12)
        assert b @ c ** (k - 1) == pytest.approx(1 / k, rel=1e-12)
        if tableau.error:
            estimate = abs(np.array(tableau.error) @ tall)
            assert estimate < 1e-12 if k < tableau.order else estimate > 1e-5
        tall = a @ tall
    assert abs(b @ tall - 1 / math.factorial(tableau.order + 1)) > 1e-4


@pytest.mark.parametrize("name", EXPLICIT)
def test_interpolants_end_where_the_step_does(name):
    tableau = STEPPERS[name]
    assert np.sum(tableau.dense, axis=1) == pytest.approx(tableau.b, abs=1e-12)


@pytest.mark.parametrize("method", ADAPTIVE)
@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-7, 1e-9])
def test_errors_of_adaptive_runs_follow_the_tolerance(rtol, method):
    """On a smooth problem, between save points too (they lie within steps)."""
    errors, layer = linear_array(method, rtol=rtol, atol=rtol * 1e-2, save=57)
    assert errors.max() < 10 * rtol * np.abs(layer["state"].values).max()


def test_save_points_do_not_change_the_steps():
    few = linear_array("adaptive", save=2)[1]
    many = linear_array("adaptive", save=401)[1]
    assert few.attrs["solver_statistics"] == many.attrs["solver_statistics"]
    assert np.array_equal(few["state"].values[-1], many["state"].values[-1])


@pytest.mark.parametrize("method", ["adaptive", *STEPPERS])
def test_save_points_are_even_and_include_both_ends(method):
    layer = linear_array(method)[1]
    assert layer["time"].values == pytest.approx(np.linspace(0, 2e-6, 9), rel=1e-12)
    assert layer["state"].values[0, 0, 0, 0] == -0.4


def test_a_step_that_does_not_divide_the_run_is_cut_at_its_end():
    layer = linear_array("rk4", step=3e-7)[1]
    statistics = json.loads(layer.attrs["solver_statistics"])
    assert statistics["steps"] == 7
    assert statistics["shortest_step"] == pytest.approx(2e-7)


def test_the_error_norm_is_the_worst_cell_and_sees_nan():
    before = np.ones((2, 500))
    error = np.zeros((2, 500))
    error[1, 223] = 1e-3
    atol = np.array([0.0, 1e-3])
    assert largest_error(error, before, before, 1e-3, atol) == (pytest.approx(0.5), 723)
    error[0, 5] = np.nan
    assert largest_error(error, before, before, 1e-3, atol) == (np.inf, 5)


def test_the_controller_rejects_large_errors_and_grows_slowly_after():
    controller = PIController(5)
    assert controller.after(2.0)[0] is False
    accepted, factor = controller.after(1e-6)
    assert accepted and factor == 1.0
    assert controller.after(1e-6)[1] > 2
    assert controller.after(np.inf) == (False, 0.1)


def test_an_unstable_fixed_step_raises_with_time_cell_and_advice(spec):
    spec["cell"] = {"circuit": "chua-yang", "output": {"leak": 1.0}}
    spec["layers"][0]["template"] = {"A": 1e5}
    spec["initial"] = 1
    spec["run"] = {"stop": "1ms", "method": "euler"}
    with pytest.raises(cellnn.SimulationError, match=r"ran away: .* V at t = .*channel 0, row \d, column \d.*adaptive"):
        cellnn.simulate(cellnn.load(spec))


def test_a_blow_up_ends_in_an_error_not_in_a_hang(spec):
    """A linear output of huge gain grows without end and overflows within the run."""
    spec["cell"] = {"circuit": "chua-yang", "output": {"leak": 1.0}}
    spec["layers"][0]["template"] = {"A": 1000}
    spec["initial"] = 1
    spec["run"] = {"stop": "1ms"}
    with pytest.raises(cellnn.SimulationError, match=r"t = .*cell \(channel 0"):
        cellnn.simulate(cellnn.load(spec))


@pytest.mark.parametrize(("method", "step"), [("euler", "2.5us"), ("rk4", "3us")])
def test_fixed_steps_beyond_the_stability_limit_fail_as_soon_as_they_run_away(spec, method, step):
    """RC = 1 us: Euler is stable below 2 us, RK4 below 2.79 us."""
    spec["cell"] = {"circuit": "chua-yang"}
    spec["layers"][0]["template"] = {"B": 1}
    spec["run"] = {"stop": "1ms", "method": method, "step": step}
    with pytest.raises(cellnn.SimulationError, match="ran away"):
        cellnn.simulate(cellnn.load(spec))


@pytest.mark.parametrize("V1", [1e-6, 1e-3, 1.0, 1e3])
def test_accuracy_does_not_depend_on_the_voltage_unit(spec, V1):
    """v = V1 u (1 - exp(-t/RC)), at the default tolerances."""
    spec["cell"] = {"circuit": "chua-yang", "voltage_unit": V1}
    spec["layers"][0]["template"] = {"B": 1}
    spec["run"] = {"stop": "10us"}
    layer = cellnn.simulate(cellnn.load(spec))["edges"]
    exact = 0.5 * (1 - np.exp(-layer["time"].values / RC))
    assert np.abs(layer["state"].values[:, 0, 0, 0] / V1 - exact).max() < 1e-6


def test_the_spec_knows_every_stepper():
    assert set(get_args(RunSpec.model_fields["method"].annotation)) == {"adaptive", *STEPPERS}
    assert set(FIXED_STEP) == set(STEPPERS) - set(ADAPTIVE)


def test_too_many_fixed_steps_are_refused(spec):
    spec["run"] = {"stop": "1s", "method": "euler", "step": "1ns"}
    with pytest.raises(cellnn.SimulationError, match=r"raise run\.step"):
        cellnn.simulate(cellnn.load(spec))
