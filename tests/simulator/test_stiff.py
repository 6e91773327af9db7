"""The Rosenbrock-W pair, and when `adaptive` goes over to it."""

import json

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import cellnn
from cellnn.simulator.compiled.engine import integrate_compiled
from cellnn.simulator.problem import Problem
from cellnn.simulator.steppers import ROS34PW2
from cellnn.simulator.stiffness import Chooser, fastest
from tests import reference
from tests.simulator.stiff_cell import BufferedCell, buffered_array

RNG = np.random.default_rng(3)
A = np.array([[0.1, 0.3, -0.2], [0.4, 0.5, 0.2], [-0.3, 0.1, 0.2]])
PICTURE = RNG.uniform(-1, 1, (5, 6))


def taox(V1=0.1, area=1.0, picture=PICTURE, **run):
    return cellnn.load(
        {
            "cellnn": 1,
            "grid": {"rows": 5, "columns": 6},
            "cell": {"circuit": "m-cellnn", "voltage_unit": V1, "memristor": {"model": "strachan-taox", "area": area}},
            "layers": [{"template": {"A": A, "B": 1, "z": 0.1}}],
            "input": picture,
            "initial": 0.3,
            "run": {"stop": "3us", "save": 31, **run},
        }
    )


def scipys(circuit, V1, area):
    times = np.linspace(0, circuit.run.stop, circuit.run.save)
    return reference.simulate(
        A[None, None], np.ones((1, 1, 1, 1)), np.array([0.1]), PICTURE[None], 0.3, times, V1=V1, area=area,
        memristor=reference.TAOX, x0=0.1, rtol=1e-11, atol=1e-14, method="LSODA",
    )  # fmt: skip


def order(method, problem, run, steps):
    """The slope of the final error over equal steps, against the finest."""
    ends = []
    for h in [*steps, steps[-1] / 8]:
        states = integrate_compiled(problem, run.model_copy(update={"method": method, "step": h, "save": 2})).states
        ends.append(states[:, 0, -1])
    scale = np.array([np.abs(ends[-1][n]).max() for n in range(len(ends[0]))])[:, None, None, None]
    errors = [(np.abs(end - ends[-1]) / scale).max() for end in ends[:-1]]
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]


@pytest.mark.parametrize(
    ("method", "nominal"), [("euler", 1), ("heun", 2), ("bs3", 3), ("ros34pw2", 3), ("rk4", 4), ("dopri5", 5)]
)
def test_order_of_every_stepper_on_smooth_memristive_arrays(method, nominal):
    """All states stay where no branch and no kink of the equations is: 0 < v < V1; x moves at 0.4 V."""
    circuit = taox(V1=0.5, area=0.01, stop="1us", picture=0.3 + 0.05 * PICTURE)
    problem = Problem(circuit.arrays[0], circuit.input[None])
    steps = 1e-6 / np.array([8.0, 12, 16, 24])
    assert order(method, problem, circuit.run, steps) == pytest.approx(nominal, abs=0.2)


def test_the_w_conditions_hold_for_any_jacobian():
    """Rang & Angermann (2005): order 3 whatever the matrix is, the error estimate of order 2, and L-stability."""
    n = ROS34PW2.stages
    alpha, gamma = np.zeros((n, n)), np.diag(np.full(n, ROS34PW2.gamma))
    for i in range(n):
        alpha[i, : len(ROS34PW2.alpha[i])] = ROS34PW2.alpha[i]
        gamma[i, : len(ROS34PW2.gammas[i])] = ROS34PW2.gammas[i]
    one = np.ones(n)
    trees = [
        (one, 1.0), (alpha @ one, 1 / 2), (gamma @ one, 0.0),
        ((alpha @ one) ** 2, 1 / 3), (alpha @ alpha @ one, 1 / 6),
        (alpha @ gamma @ one, 0.0), (gamma @ alpha @ one, 0.0), (gamma @ gamma @ one, 0.0),
    ]  # fmt: skip
    for vector, value in trees:
        assert np.array(ROS34PW2.b) @ vector == pytest.approx(value, abs=1e-13)
    for vector, value in trees[:3]:
        assert np.array(ROS34PW2.b_hat) @ vector == pytest.approx(value, abs=1e-13)
    assert abs(np.array(ROS34PW2.b_hat) @ trees[3][0] - 1 / 3) > 1e-3
    at_infinity = 1 - np.array(ROS34PW2.b) @ np.linalg.solve(alpha + gamma, one)
    assert at_infinity == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("V1", "area"), [(0.1, 1.0), (0.1, 1e3), (0.1, 1e5), (0.35, 1.0), (0.55, 1.0)])
@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-7])
def test_errors_of_memristive_arrays_follow_the_tolerance(V1, area, rtol):
    """Stiff cells (memristors of a large area) and cells that switch."""
    circuit = taox(V1, area, rtol=rtol, atol=rtol * 1e-3)
    truth = scipys(circuit, V1, area)
    for method in ("adaptive", "ros34pw2"):
        spec = taox(V1, area, rtol=rtol, atol=rtol * 1e-3, method=method)
        layer = cellnn.simulate(spec)["layer1"]
        assert np.abs(layer["state"].values - truth.state).max() < 10 * rtol * np.ptp(truth.state)
        assert np.abs(layer["memristor"].values - truth.memristor).max() < 10 * rtol


def test_stiff_cells_are_taken_over_by_the_implicit_pair():
    statistics = {
        method: json.loads(cellnn.simulate(taox(area=1e4, method=method))["layer1"].attrs["solver_statistics"])
        for method in ("adaptive", "dopri5", "ros34pw2")
    }
    assert statistics["adaptive"]["method"] == "dopri5 and ros34pw2"
    assert "stability held the explicit step" in statistics["adaptive"]["why"]
    assert statistics["dopri5"]["steps"] > 50 * statistics["adaptive"]["steps"]
    assert statistics["ros34pw2"]["why"] == "asked for in the spec"


def test_cells_that_are_not_stiff_stay_explicit():
    statistics = json.loads(cellnn.simulate(taox(area=1e-3))["layer1"].attrs["solver_statistics"])
    assert statistics["method"] == "dopri5" and "no step was held" in statistics["why"]


@pytest.mark.parametrize("rtol", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("method", ["adaptive", "ros34pw2"])
def test_cells_of_three_states_like_an_op_amps(rtol, method):
    """Two fast poles (0.5 ns, 50 ps) behind the array's own 1 us: a 3x3 Jacobian, inverted by elimination."""
    array = buffered_array()
    circuit = taox(rtol=rtol, atol=rtol * 1e-3, method=method, stop="2us", save=21)
    found = integrate_compiled(Problem(array, PICTURE[None, None]), circuit.run)
    rates, start = array.cell.reference(A, PICTURE)
    times = np.linspace(0, 2e-6, 21)
    truth = solve_ivp(rates, (0, 2e-6), start, "Radau", times, rtol=1e-12, atol=1e-14).y.reshape(3, 5, 6, -1)
    difference = np.abs(np.moveaxis(found.states[:, 0, :, 0], 1, -1) - truth)
    assert difference.max() < 10 * rtol * np.ptp(truth)
    # an explicit method needs about 13,000: 2 us in steps of 3.3 times the fastest pole
    assert isinstance(array.cell, BufferedCell) and found.statistics.steps < 5000


def test_at_1_volt_a_run_ends_right_or_says_why(spec):
    """Hopelessly stiff, says the literature: x moves by 1e16 per second."""
    for stop, area in (("10us", 1.0), ("1us", 100.0)):
        circuit = taox(V1=1.0, area=area, stop=stop, rtol=1e-5, atol=1e-8)
        layer = cellnn.simulate(circuit)["layer1"]
        v, x = layer["state"].values, layer["memristor"].values
        finer = cellnn.simulate(taox(V1=1.0, area=area, stop=stop, rtol=1e-8, atol=1e-11))["layer1"]
        assert np.isfinite(v).all() and np.isfinite(x).all()
        assert np.abs(v - finer["state"].values).max() < 1e-4 * np.ptp(v)


def test_eigenvalues_of_cells():
    jacobians = RNG.normal(size=(40, 2, 2))
    values = np.linalg.eigvals(jacobians)
    assert fastest(jacobians) == pytest.approx(np.abs(values[values.real < 0]).max())
    assert fastest(np.array([[[2.0]], [[1.0]]])) == 0.0
    three = np.diag([-1.0, -7.0, 9.0])[None]
    assert fastest(three) == pytest.approx(7.0)


def test_the_chooser_tries_the_implicit_pair_and_goes_back_where_it_is_slower():
    chooser = Chooser("explicit", "implicit")
    assert chooser.after(1.0, 10, lambda: 1.0, 1.0) == "explicit"  # not stiff
    assert chooser.after(1.0, 10, lambda: 3.0, 2.0) == "implicit"  # held by stability: a trial
    assert chooser.after(0.1, 10, lambda: 3.0, 2.1) == "explicit"  # it got less far
    assert chooser.after(1.0, 10, lambda: 3.0, 3.1) == "explicit"  # no second trial at once
    assert chooser.after(1.0, 10, lambda: 3.0, 4.1) == "implicit"
    assert chooser.after(9.0, 10, lambda: 3.0, 13.0) == "implicit"
    method, why = chooser.summary()
    assert method == "explicit and implicit" and "gets further per try" in why
