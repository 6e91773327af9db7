"""The integration of the state under a measured voltage: against closed forms and SciPy, with its derivatives."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cellnn.devices import SimulationError
from cellnn.devices.fitting import device_code as module
from cellnn.devices.fitting.device_code import device_code
from cellnn.devices.linear_ion_drift import LinearIonDrift
from cellnn.devices.registry import make_memristor
from cellnn.devices.strachan_taox import StrachanTaOx
from cellnn.devices.text_equations import text_memristor

SWEEP = np.linspace(0, 1, 21)


def values(device):
    return np.array([getattr(device, name) for name in device_code(device).parameters])


def run(device, time, voltage, x0, p=None):
    code = device_code(device)
    p = values(device) if p is None else p
    return code.states(time, voltage, x0, p, np.arange(p.size), True)


def reference(device, time, voltage, x0, rtol=1e-11):
    """SciPy's Radau IIA, sample by sample, with the equations as written."""
    x, states = x0, [x0]
    for k in range(time.size - 1):
        span = time[k + 1] - time[k]

        def rate(s, state, k=k, span=span):
            v = voltage[k] + (voltage[k + 1] - voltage[k]) * s
            return np.array([float(device.bounded_rate(v, state[0]))]) * span

        x = solve_ivp(rate, (0, 1), [x], method="Radau", rtol=rtol, atol=1e-3 * rtol).y[0, -1]
        states.append(x)
    return np.array(states)


def test_linear_ion_drift_is_its_closed_form():
    """R_off x - (R_off - R_on) x^2 / 2 grows by mu R_on / D^2 times the flux: exact for any voltage."""
    device = LinearIonDrift()
    time = 0.2 * SWEEP
    voltage = 1.5 * np.sin(2 * np.pi * SWEEP)
    flux = np.concatenate([[0], np.cumsum(np.diff(time) * (voltage[1:] + voltage[:-1]) / 2)])
    difference = device.R_off - device.R_on
    k = device.mu * device.R_on / device.D**2
    right = device.R_off * 0.1 - difference * 0.1**2 / 2 + k * flux
    exact = (device.R_off - np.sqrt(device.R_off**2 - 2 * difference * right)) / difference
    state, by = run(device, time, voltage, 0.1)
    np.testing.assert_allclose(state, exact, rtol=2e-7)
    slope = device.R_off - difference * exact  # d(left side)/dx
    np.testing.assert_allclose(by[:, 0], (device.R_off - difference * 0.1) / slope, rtol=2e-6)
    names = device_code(device).parameters
    by_mu = k / device.mu * flux / slope
    np.testing.assert_allclose(by[:, 1 + names.index("mu")], by_mu, rtol=1e-5, atol=1e-7 * by_mu.max())


@pytest.mark.parametrize(
    ("name", "amplitude", "duration", "x0"),
    [
        ("strachan-taox", 0.45, 1.0, 0.1),
        ("yakopcic", 0.5, 1e-2, 0.4),
        ("vteam", 0.35, 1e-9, 0.6),
        ("linear-ion-drift-biolek", 1.0, 0.5, 0.3),
        ("linear-ion-drift-joglekar", 1.0, 0.5, 0.3),
    ],
)
def test_states_and_derivatives_are_those_of_scipy(name, amplitude, duration, x0):
    device = make_memristor(name)
    time, voltage = duration * SWEEP, amplitude * np.sin(2 * np.pi * SWEEP)
    state, by = run(device, time, voltage, x0)
    wanted = reference(device, time, voltage, x0)
    assert np.ptp(wanted) > 0.005  # it moves
    np.testing.assert_allclose(state, wanted, rtol=0, atol=3e-6)
    p = values(device)
    names = device_code(device).parameters
    for column in range(1 + p.size):
        step = 1e-4 * (x0 if column == 0 else p[column - 1])
        ends = []
        for sign in (1, -1):
            moved = p.copy()
            if column:
                moved[column - 1] += sign * step
            varied = copy.copy(device)
            for key, value in zip(names, moved, strict=True):
                object.__setattr__(varied, key, float(value))  # a difference may leave the range
            start = x0 if column else x0 + sign * step
            ends.append(reference(varied, time, voltage, start, rtol=1e-9))  # of steps of 1e-4
        wanted = (ends[0] - ends[1]) / (2 * step)
        scale = max(np.abs(wanted).max(), 1e-6 / step)
        # a step across a threshold has a derivative of lower order than the state itself
        np.testing.assert_allclose(by[:, column], wanted, rtol=0, atol=5e-3 * scale)


def test_a_full_switching_sweep_is_that_of_a_hundred_times_finer_samples():
    """SET to the end and RESET at 1e16 1/s: the samples of a linear ramp do not matter."""
    device = StrachanTaOx()
    time = np.linspace(0, 1e-3, 401)
    corners = [0, 0.25e-3, 0.75e-3, 1e-3]
    state, _ = run(device, time, np.interp(time, corners, [0, 1, -1, 0]), 0.05)
    fine = np.linspace(0, 1e-3, 40001)
    finer, _ = run(device, fine, np.interp(fine, corners, [0, 1, -1, 0]), 0.05)
    assert state.max() == 1.0 and state[-1] < 0.1
    np.testing.assert_allclose(state, finer[::100], rtol=0, atol=2e-6)


def test_the_state_stops_at_the_ends_and_leaves_them_again():
    device = text_memristor("x*v", "k*v", {"k": 2.0})
    time = np.array([0.0, 1.0, 1.0, 2.0, 3.0])  # a step of the voltage at 1 s
    voltage = np.array([1.0, 1.0, -0.3, -0.3, -0.3])
    state, by = run(device, time, voltage, 0.5)
    np.testing.assert_allclose(state, [0.5, 1.0, 1.0, 0.4, 0.0], atol=1e-7)
    np.testing.assert_allclose(by[:, 0], [1, 0, 0, 0, 0], atol=1e-9)
    np.testing.assert_allclose(by[:, 1], [0, 0, 0, -0.3, 0], atol=1e-6)


def test_smaller_tolerances_converge_with_order_four(monkeypatch):
    """Steps of h, h/2, h/4 on a smooth problem: the error falls by 16 each time."""
    device = text_memristor("x*v", "a*x*(1 - x) - v*x", {"a": 1.0})
    code = device_code(device)
    monkeypatch.setattr(module, "RTOL", 1e3)  # no step is refused: samples set the steps
    errors = []
    for steps in (8, 16, 32, 64):
        time = np.linspace(0, 4, steps + 1)
        state, _ = code.states(time, 0.3 * time, 0.2, values(device), np.arange(1), False)
        exact = solve_ivp(
            lambda t, x: x * (1 - x) - 0.3 * t * x, (0, 4), [0.2], method="DOP853", rtol=1e-13, atol=1e-15
        )
        errors.append(abs(state[-1] - exact.y[0, -1]))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 4) < 0.5), orders


def test_a_rate_that_is_no_number_is_told():
    device = text_memristor("x*v", "log(v + 3)", {"k": 1.0})
    with pytest.raises(SimulationError, match="not finite after 1 s"):
        run(device, np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.0, -5.0]), 0.5)
