"""Implicit steps within cells."""

import numpy as np
import pytest
import torch

import cellnn
from cellnn.simulator.on_torch.cell_systems import CellSystems, fastest
from cellnn.simulator.on_torch.dynamics import TensorDynamics
from cellnn.simulator.on_torch.integrate import integrate_on_torch
from cellnn.simulator.problem import Problem
from tests import reference
from tests.simulator.test_against_scipy import random_array, relative

from .cases import run


def stiff_array(samples=1):
    """Memristors of large area that are ON: the voltage follows within 20 ns or less, the run is 20 us."""
    rng = np.random.default_rng(5)
    known = {
        "A": rng.normal(size=(1, 1, 3, 3)),
        "B": rng.normal(size=(1, 1, 3, 3)),
        "z": rng.normal(size=1),
        "v0": rng.uniform(-1, 1, (1, 4, 5)),
        "x0": rng.uniform(0.2, 0.9, (1, 4, 5)),
        "V1": 0.2,
        "area": 10.0,
    }
    u = rng.uniform(-1, 1, (samples, 1, 4, 5))
    memristor = {"model": "strachan-taox", "x0": known["x0"], "area": known["area"]}
    spec = {
        "cellnn": 1,
        "grid": {"rows": 4, "columns": 5},
        "cell": {
            "circuit": "m-cellnn",
            "voltage_unit": 0.2,
            "memristor": memristor,
        },
        "layers": [{"template": {key: known[key] for key in "ABz"}}],
        "initial": known["v0"],
        "run": {"stop": "20us"},
    }
    return Problem(cellnn.load(spec).arrays[0], u), {**known, "memristor": reference.TAOX}


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-5), ("single", 1e-4)])
def test_stiff_cells_follow_scipy_in_few_steps(precision, tolerance):
    problem, known = stiff_array()
    setting = run("ros34pw2", stop=20e-6, save=41, rtol=1e-5, atol=1e-7)
    ours = integrate_on_torch(problem, setting, device="cpu", precision=precision)
    truth = reference.simulate(**known, u=problem.u[0], times=ours.times, rtol=1e-10, atol=1e-13, method="LSODA")
    assert relative(ours.states[0, 0], truth.state) < tolerance
    assert relative(ours.states[1, 0], truth.memristor) < tolerance
    setting.method = "dopri5"
    explicit = integrate_on_torch(problem, setting, device="cpu")
    assert ours.statistics.method == "ros34pw2"
    assert 5 * ours.statistics.steps < explicit.statistics.steps


def test_each_sample_equals_its_own_run():
    problem, _ = stiff_array(samples=2)
    setting = run("ros34pw2", stop=2e-6, rtol=1e-5, atol=1e-7)
    together = integrate_on_torch(problem, setting, device="cpu")
    for n in range(2):
        alone = integrate_on_torch(Problem(problem.array, problem.u[n : n + 1]), setting, device="cpu")
        assert np.abs(together.states[:, n] - alone.states[:, 0]).max() < 1e-6


def test_switching_memristors():
    spec, known = random_array(101, "periodic", memristive=True)
    circuit = cellnn.load(spec)
    setting = circuit.run.model_copy(update={"method": "ros34pw2", "rtol": 1e-5, "atol": 1e-6})
    ours = integrate_on_torch(Problem(circuit.arrays[0], circuit.input[None]), setting, device="cpu")
    truth = reference.simulate(**known, times=ours.times, rtol=1e-10, atol=1e-13, method="LSODA")
    assert np.abs(truth.memristor[-1] - truth.memristor[0]).max() > 0.25
    assert relative(ours.states[1, 0], truth.memristor) < 1e-4


def test_derivatives_of_a_cell():
    """Against central differences of the equations as the reference writes them."""
    rng = np.random.default_rng(1)
    problem, known = stiff_array()
    dynamics = TensorDynamics(problem, torch.device("cpu"), torch.float64)
    v, x = rng.uniform(-0.6, 0.6, (1, 1, 4, 5)), rng.uniform(0.05, 0.95, (1, 1, 4, 5))

    def rates(v, x):
        return -v / 1e-6 - known["area"] * reference.taox_current(v, x) / 1e-9, reference.taox_rate(v, x)

    ours = dynamics.jacobian(torch.tensor(np.stack([v, x]))).numpy()
    d = 1e-6
    for column, (dv, dx) in enumerate(((d, 0), (0, d))):
        slopes = np.subtract(rates(v + dv, x + dx), rates(v - dv, x - dx)) / (2 * d)
        np.testing.assert_allclose(ours[:, column], slopes, rtol=1e-5, atol=1e-6 * np.abs(slopes).max())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_systems_of_cells(size):
    rng = np.random.default_rng(size)
    jacobian, right = rng.normal(size=(size, size, 2, 1, 3, 4)), rng.normal(size=(size, 2, 1, 3, 4))
    shift = np.array([5.0, 7.0]).reshape(1, 2, 1, 1, 1)
    ours = CellSystems(torch.tensor(jacobian), torch.tensor(shift)).solve(torch.tensor(right)).numpy()
    for place in np.ndindex(right.shape[1:]):
        matrix = shift[0, place[0], 0, 0, 0] * np.eye(size) - jacobian[(..., *place)]
        np.testing.assert_allclose(ours[(..., *place)], np.linalg.solve(matrix, right[(..., *place)]), rtol=1e-12)


def test_adaptive_changes_to_implicit_steps_and_says_so():
    problem, known = stiff_array()
    setting = run("adaptive", stop=20e-6, save=21, rtol=1e-5, atol=1e-7)
    ours = integrate_on_torch(problem, setting, device="cpu")
    truth = reference.simulate(**known, u=problem.u[0], times=ours.times, rtol=1e-10, atol=1e-13, method="LSODA")
    assert relative(ours.states[0, 0], truth.state) < 1e-5
    assert ours.statistics.method == "dopri5 and ros34pw2"
    assert "stability held the explicit step" in ours.statistics.why
    setting.method = "dopri5"
    explicit = integrate_on_torch(problem, setting, device="cpu").statistics
    assert (explicit.method, explicit.why) == ("dopri5", "asked for in the spec")
    assert 2 * ours.statistics.steps < explicit.steps


@pytest.mark.parametrize("size", [1, 2, 3])
def test_fastest_rate(size):
    jacobian = np.random.default_rng(size).normal(size=(size, size, 2, 1, 3, 4))
    values = np.linalg.eigvals(np.moveaxis(jacobian, (0, 1), (-2, -1)))
    expected = np.where(values.real < 0, np.abs(values), 0).reshape(2, -1).max(axis=1)
    assert np.iscomplexobj(values) or size == 1
    np.testing.assert_allclose(fastest(torch.tensor(jacobian)).numpy(), expected, rtol=1e-12)
