"""Fixed-step methods against a NumPy loop, and runs that fail."""

import numpy as np
import pytest

import cellnn
from cellnn.devices.errors import SimulationError
from cellnn.simulator.on_torch.integrate import integrate_on_torch
from cellnn.simulator.problem import Problem
from tests import reference
from tests.simulator.test_against_scipy import random_array

from .cases import problem, run


def euler(f, s, h):
    return s + h * f(s)


def heun(f, s, h):
    k = f(s)
    return s + h / 2 * (k + f(s + h * k))


def rk4(f, s, h):
    a = f(s)
    b = f(s + h / 2 * a)
    c = f(s + h / 2 * b)
    return s + h / 6 * (a + 2 * b + 2 * c + f(s + h * c))


@pytest.mark.parametrize("step", [euler, heun, rk4])
@pytest.mark.parametrize("memristive", [False, True])
def test_equal_to_a_numpy_loop(step, memristive):
    spec, known = random_array(103, "periodic", memristive)
    circuit = cellnn.load(spec)
    array = circuit.arrays[0]
    V1, tau, C = known["V1"], 1e-6, 1e-9
    feed = reference.correlate(known["B"], reference.pad(known["u"], known["B"], "periodic"))
    feed = V1 * (feed + known["z"][:, None, None])

    def rates(s):
        y = V1 * reference.saturation(s[0] / V1, known["leak"])
        drive = feed + reference.correlate(known["A"], reference.pad(y, known["A"], "periodic"))
        if not memristive:
            return ((drive - s[0]) / tau)[None]
        x = np.clip(s[1], 0, 1)
        dv = (drive - s[0]) / tau - known["area"] * reference.taox_current(s[0], x) / C
        return np.stack([dv, reference.taox_rate(s[0], x)])

    h, count = 1e-8, 50
    # an end between two steps, and saved times on whole steps
    ours = integrate_on_torch(
        Problem(array, circuit.input[None]), run(step.__name__, count * h, count // 5 + 1, step=h), device="cpu"
    )
    s = array.start(circuit.input)
    for n in range(count):
        s = step(rates, s, h)
        if memristive:
            s[1] = np.clip(s[1], 0, 1)
        if (n + 1) % 5 == 0:
            scale = np.abs(s).max(axis=(1, 2, 3), keepdims=True)
            difference = np.abs(ours.states[:, 0, (n + 1) // 5] - s) / scale
            assert difference.max() < 1e-12


def test_single_precision_is_near():
    spec, _ = random_array(103, "fixed", memristive=True)
    circuit = cellnn.load(spec)
    setting = Problem(circuit.arrays[0], circuit.input[None]), run("rk4", step=1e-8)
    double = integrate_on_torch(*setting, device="cpu")
    single = integrate_on_torch(*setting, device="cpu", precision="single")
    assert single.states.dtype == np.float32
    difference = np.abs(single.states - double.states).max(axis=(1, 2, 3, 4, 5))
    assert (difference / np.ptp(double.states, axis=(1, 2, 3, 4, 5)) < 1e-4).all()
    assert difference.max() > 0


def test_a_step_too_long_names_sample_and_cell():
    """v <- v + h/RC (2 f(v) + u - v) swings up for h > 2 RC, from where the sample's input pushes it."""
    start = problem(A=[[0, 0, 0], [0, -3, 0], [0, 0, 0]], B=1.0, u=np.zeros((2, 1, 3, 4)))
    u = start.u.copy()
    u[1, 0, 2, 1] = 0.5
    with pytest.raises(SimulationError, match=r"ran away.*row 2, column 1\) of sample 1.*shorter run.step"):
        integrate_on_torch(Problem(start.array, u), run("euler", 1e-3, step=3e-6), device="cpu")


def test_a_state_that_is_no_number():
    start = problem(B=1.0, u=np.zeros((1, 1, 3, 4)))
    u = start.u.copy()
    u[0, 0, 1, 3] = np.inf
    for method in ("euler", "adaptive"):
        with pytest.raises(SimulationError, match=r"not finite at t = .*row 1, column 3"):
            with np.errstate(invalid="ignore"):
                integrate_on_torch(Problem(start.array, u), run(method), device="cpu")
