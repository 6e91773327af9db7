"""Batches: every sample is its own run; cells with values of their own; ends when settled."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import cellnn
from cellnn.circuits.own_values import OwnValues
from cellnn.simulator.on_torch.integrate import integrate_on_torch
from cellnn.simulator.problem import Problem
from tests.simulator.test_against_scipy import random_array

from .cases import problem, run


@pytest.mark.parametrize(("method", "tolerance"), [("adaptive", 1e-6), ("rk4", 1e-12)])
def test_each_sample_equals_its_own_run(method, tolerance):
    spec, known = random_array(103, "zero-flux", memristive=True)
    array = cellnn.load(spec).arrays[0]
    u = np.random.default_rng(0).uniform(-1, 1, (3, *known["u"].shape)) * np.array([0.1, 1.0, 3.0])[:, None, None, None]
    together = integrate_on_torch(Problem(array, u), run(method), device="cpu")
    assert together.states.shape == (2, 3, 11, *array.shape)
    for n in range(3):
        alone = integrate_on_torch(Problem(array, u[n : n + 1]), run(method), device="cpu")
        for state in range(2):
            span = np.ptp(alone.states[state])
            assert np.abs(together.states[state, n] - alone.states[state, 0]).max() < tolerance * span
        assert np.abs(together.outputs[n] - alone.outputs[0]).max() < tolerance * np.ptp(alone.outputs)
    assert np.abs(together.states[0, 0] - together.states[0, 1]).max() > 0.1 * np.ptp(together.states[0])


def test_samples_take_their_own_steps():
    """What the counters of a batch say is the sum over runs of its samples alone."""
    spec, known = random_array(0, "periodic", memristive=False)
    array = cellnn.load(spec).arrays[0]
    u = np.stack([known["u"], 0.3 * known["u"], 0.0 * known["u"]])
    together = integrate_on_torch(Problem(array, u), run(rtol=1e-5), device="cpu").statistics
    alone = [integrate_on_torch(Problem(array, v[None]), run(rtol=1e-5), device="cpu").statistics for v in u]
    assert len({one.steps for one in alone}) > 1
    assert together.steps == pytest.approx(sum(one.steps for one in alone), rel=0.05)
    assert together.evaluations == pytest.approx(sum(one.evaluations for one in alone), rel=0.05)


@pytest.mark.parametrize("chips", [1, 2])
def test_cells_with_values_of_their_own(chips):
    """Weights, bias, R and C of each cell against SciPy with a full matrix for each array."""
    rng = np.random.default_rng(3)
    rows, columns, V1 = 3, 4, 0.5
    A = rng.normal(size=(chips, 1, 1, 3, 3, rows, columns))
    z, R, C = (rng.uniform(low, high, (chips, 1, rows, columns)) for low, high in ((-1, 1), (500, 2e3), (5e-10, 2e-9)))
    plain = problem(np.ones((3, 3)), rows=rows, columns=columns, boundary="periodic", V1=V1, initial=0.2).array
    own = OwnValues(A=A, z=z, parameters={"R": R, "C": C})
    array = type(plain)(**{**vars(plain), "own": own})
    ours = integrate_on_torch(Problem(array, np.zeros((2, 1, rows, columns))), run(), device="cpu")
    for n in range(2):
        chip = n % chips
        W = np.zeros((rows, columns, rows, columns))
        for i, j, k, m in np.ndindex(rows, columns, 3, 3):
            W[i, j, (i + k - 1) % rows, (j + m - 1) % columns] += A[chip, 0, 0, k, m, i, j]
        W = W.reshape(rows * columns, -1)
        bias, tau = z[chip].ravel(), (R * C)[chip].ravel()
        truth = solve_ivp(
            lambda t, s, W=W, bias=bias, tau=tau: (-s + W @ np.clip(s, -1, 1) + bias) / tau,
            (0, ours.times[-1]), np.full(rows * columns, 0.2), "DOP853", ours.times, rtol=1e-11, atol=1e-12,
        )  # fmt: skip
        assert np.abs(ours.states[0, n].reshape(11, -1) / V1 - truth.y.T).max() < 1e-5


@pytest.mark.parametrize(("method", "accuracy"), [("euler", 1e-3), ("adaptive", 1e-6)])
def test_settling(method, accuracy):
    """v = V1 u (1 - e^(-t/RC)): the rate falls below a bound s V1/RC at t = RC ln(u / s)."""
    u = np.array([0.8, 0.1])[:, None, None, None]
    start = problem(B=1.0, u=u, V1=0.5)
    ends = run(method, stop=20e-6, save=41, step=1e-9 if method == "euler" else None, settle=1e-2)
    found = integrate_on_torch(start, ends, device="cpu")
    expected = 1e-6 * np.log(u[:, 0, 0, 0] / 1e-2)
    step = found.statistics.longest_step
    for n in range(2):
        assert np.all(found.settling[n] >= expected[n] * (1 - 1e-3))
        assert np.all(found.settling[n] <= expected[n] + step)
        inside = found.times < expected[n]
        exact = 0.5 * u[n, 0, 0, 0] * (1 - np.exp(-found.times / 1e-6))
        difference = np.abs(found.states[0, n] - exact[:, None, None, None])
        assert difference[inside].max() < accuracy
        held = found.states[0, n, found.times > expected[n] + step]
        assert np.ptp(held, axis=0).max() == 0 and np.abs(held[-1] - 0.5 * u[n, 0, 0, 0]).max() < 6e-3
