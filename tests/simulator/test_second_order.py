"""Second-order cells in the grid simulator: closed forms, SciPy, the limit without inductor, and what is bounded."""

import json

import numpy as np
import pytest

import cellnn
from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang, SecondOrder
from cellnn.circuits.own_values import OwnValues
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.simulator.batched.integrate import integrate_batched
from cellnn.simulator.problem import Problem
from tests.second_order import damped, trajectories

R, C = 1e3, 1e-9


def spec(quality=1.0, template=None, *, rows=1, columns=2, boundary="zero-flux", **more):
    """Cells of this Q with RC = 1 us, under a drive of 0.6 V1 unless the template says another."""
    return {
        "cellnn": 1,
        "grid": {"rows": rows, "columns": columns, "boundary": boundary},
        "cell": {"circuit": "second-order", "R": R, "C": C, "L": quality**2 * R**2 * C},
        "layers": [{"name": "a", "template": template or {"A": 0, "B": 1, "z": 0.1}}],
        "input": 0.5,
        "run": {"stop": "20us", "rtol": 1e-9, "atol": 1e-12},
        **more,
    }


def group(found, **how):
    return cellnn.simulate(cellnn.load(found), **how)["a"]


@pytest.mark.parametrize("quality", [0.1, 0.49, 2.0, 30.0])
def test_a_cell_by_itself_is_a_damped_oscillator(quality):
    asked = spec(quality, initial=-0.4)
    asked["run"]["stop"] = 20e-6 * max(1.0, quality)
    found = group(asked)
    v, i = damped(found["time"].values, 0.6, R, C, quality**2 * R**2 * C, v0=-0.4)
    assert np.abs(found["state"].values[:, 0, 0, 0] - v).max() < 1e-7
    assert np.abs(found["current"].values[:, 0, 0, 0] - i).max() < 1e-7 / R
    assert found["current"].attrs["units"] == "A"
    assert (v.max() > 0.61) == (quality > 0.5)  # what rings, overshoots


@pytest.mark.parametrize("how", [{"device": "torch"}, {"method": "ros34pw2"}, {"method": "rk4"}])
def test_every_engine_swings_alike(how):
    how = dict(how)
    asked = spec(3.0)
    if "method" in how:
        asked["run"] = {"stop": "20us", "method": how.pop("method")} | {"rtol": 1e-8, "atol": 1e-11}
    found = group(asked, **how)
    v, _ = damped(found["time"].values, 0.6, R, C, 9.0 * R**2 * C)
    assert np.abs(found["state"].values[:, 0, 0, 0] - v).max() < 1e-6


@pytest.mark.parametrize("boundary", ["zero-flux", "periodic", {"fixed": -0.5}])
def test_random_arrays_follow_scipy(boundary):
    numbers = np.random.default_rng(5)
    A, B, z = numbers.normal(size=(2, 2, 3, 3)) / 3, numbers.normal(size=(2, 1, 3, 3)), numbers.normal(size=2)
    u, v0 = numbers.uniform(-1, 1, (1, 4, 5)), numbers.uniform(-1, 1, (2, 4, 5))
    asked = spec(1.7, {"A": A, "B": B, "z": z}, rows=4, columns=5, boundary=boundary, input=u, initial=v0)
    asked["layers"][0]["channels"], asked["cell"]["voltage_unit"] = 2, 0.3
    found = group(asked)
    known = ("fixed", -0.5) if isinstance(boundary, dict) else boundary
    L = 1.7**2 * R**2 * C
    v, i = trajectories(A, B, z, u, v0, found["time"].values, boundary=known, L=L, V1=0.3)
    assert np.abs(found["state"].values - v).max() < 1e-6 * np.ptp(v)
    assert np.abs(found["current"].values - i).max() < 1e-6 * np.ptp(i)


def own_array(A):
    """Six cells, each with R, C and L of its own."""
    numbers = np.random.default_rng(3)
    own = {name: value * numbers.uniform(0.5, 2, (1, 1, 2, 3)) for name, value in zip("RCL", (R, C, 2e-3), strict=True)}
    template = Template.of(A=A, B=1.0, z=0.1, channels=1)
    cell = SecondOrder(C, R, 1.0, L=2e-3)
    return CellArray("a", cell, template, Boundary("zero-flux", 0.0), 2, 3, 0.2, None, OwnValues(parameters=own)), own


def test_cells_with_values_of_their_own_follow_scipy():
    A = np.array([[[[0, 0.4, 0], [0.3, 0, -0.6], [0, -0.2, 0]]]])
    array, own = own_array(A)
    run = RunSpec(stop=15e-6, rtol=1e-9, atol=1e-12)
    found = integrate_batched(Problem(array, np.full((1, 1, 2, 3), 0.5)), run)
    kept = {name: values[0] for name, values in own.items()}
    v, i = trajectories(A, np.ones((1, 1, 1, 1)), [0.1], np.full((1, 2, 3), 0.5), 0.2, found.times, **kept)
    assert np.abs(found.states[0, 0] - v).max() < 1e-7
    assert np.abs(found.states[1, 0] - own["R"][0] * i).max() < 1e-7


def test_currents_of_a_result_know_each_cells_resistor():
    asked = spec(2.0, rows=2, columns=3, hardware={"mismatch": {"R": "20%", "L": "20%", "C": "10%"}})
    circuit = cellnn.load(asked)
    own = circuit.arrays[0].own.parameters
    found = cellnn.simulate(circuit)["a"]
    drive = np.full(6, 0.6).reshape(2, 3)
    for row, column in np.ndindex(2, 3):
        values = [float(own[name][0, 0, row, column]) for name in "RCL"]
        _, i = damped(found["time"].values, drive[row, column], *values)
        assert np.abs(found["current"].values[:, 0, row, column] - i).max() < 1e-9


def test_without_inductor_it_is_the_cell_of_chua_and_yang():
    """v differs in the first order of L/R over RC; and cells far stiffer than that are integrated still."""
    template = {"A": [[0, 1, 0], [1, 2, -1], [0, -1, 0]], "B": 1, "z": 0.1}
    plain = spec(template=template, rows=3, columns=3)
    plain["cell"] = {"circuit": "chua-yang", "R": R, "C": C}
    plain["run"] = {"stop": "5us", "rtol": 1e-8, "atol": 1e-11}
    truth = group(plain)["state"].values
    off = {}
    for L in (4e-6, 2e-6, 1e-9):
        asked = {**plain, "cell": {"circuit": "second-order", "R": R, "C": C, "L": L}}
        found = group(asked)
        off[L] = np.abs(found["state"].values - truth).max()
    assert "ros34pw2" in json.loads(found.attrs["solver_statistics"])["method"]
    assert 1.9 < off[4e-6] / off[2e-6] < 2.1
    assert off[1e-9] < 1e-5


def test_a_swing_that_neighbours_pump_is_no_runaway():
    """Each cell drives its right neighbour up and its left one down: above 2 k = 1/Q the ring swings by itself, to some
    4 k Q times the voltages that bound a plain array."""
    ring = {"A": [[0, 0, 0], [0.5, 0, -0.5], [0, 0, 0]], "B": 0, "z": 0}
    start = 0.5 * np.cos(np.pi / 2 * np.arange(4)).reshape(1, 1, 4)
    asked = spec(20.0, ring, columns=4, boundary="periodic", initial=start, input=0)
    asked["run"] = {"stop": "2ms", "method": "rk4", "save": 401}
    found = group(asked)
    A = np.array(ring["A"], float)[None, None]
    v, _ = trajectories(
        A, np.zeros((1, 1, 1, 1)), [0.0], np.zeros((1, 1, 4)), start, found["time"].values, boundary="periodic",
        L=400 * R**2 * C,
    )  # fmt: skip
    plain = 2 * ChuaYang().voltage_bound(1.0 + 1.0)
    assert np.abs(v).max() > plain
    assert np.abs(found["state"].values - v).max() < 1e-2 * np.abs(v).max()


@pytest.mark.parametrize("how", [{}, {"device": "torch"}, {"own": True}])
def test_a_run_ends_at_rest_not_at_the_turn_of_a_swing(how):
    how = dict(how)
    asked = spec(4.0)
    asked["run"] = {"stop": "1ms", "settle": 0.01, "save": 11}
    if how.pop("own", False):
        asked["hardware"] = {"mismatch": {"offset": "1e-9"}}  # another engine
    found = group(asked, **how)
    # |w| and |D - v - w| below 0.01 V: the envelope is exp(-t/2L R), of 0.6 V
    assert found.attrs["status"] == "settled"
    end = float(found["settling_time"].max())
    times = np.linspace(end, end + 50e-6, 500)
    v, i = damped(times, 0.6, R, C, 16 * R**2 * C)
    assert np.abs(v - 0.6).max() < 0.03
    times = np.linspace(0, 0.9 * end, 5000)
    v, i = damped(times, 0.6, R, C, 16 * R**2 * C)
    rests = (np.abs(R * i) < 0.01) & (np.abs(0.6 - v - R * i) < 0.01)
    assert not rests.any()
