"""Each model against a solution found on paper, or its equations written a second time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cellnn.devices.linear_ion_drift import LinearIonDrift, LinearIonDriftBiolek, LinearIonDriftJoglekar
from cellnn.devices.mladenov_a9 import MladenovA9
from cellnn.devices.threshold import Threshold
from cellnn.devices.vteam import Vteam
from cellnn.devices.yakopcic import Yakopcic


def integrate(functions, voltage, x0, times):
    """The state at the times, driven by voltage(t, x)."""
    run = solve_ivp(
        lambda t, x: functions.rate(voltage(t, x), x),
        (times[0], times[-1]),
        [x0],
        t_eval=times,
        rtol=1e-10,
        atol=1e-12,
    )
    assert run.success
    return run.y[0]


def test_hp_state_is_a_function_of_the_flux(compiled):
    device = LinearIonDrift()
    k = device.mu * device.R_on / device.D**2
    t = np.linspace(0, 1, 101)
    x0, height = 0.1, 1.0
    x = integrate(compiled(device), lambda t, x: height * np.sin(2 * np.pi * t), x0, t)
    flux = height * (1 - np.cos(2 * np.pi * t)) / (2 * np.pi)
    # R_off x - (R_off - R_on) x^2 / 2 grows by k flux
    half = (device.R_off - device.R_on) / 2
    start = device.R_off * x0 - half * x0**2
    expected = (device.R_off - np.sqrt(device.R_off**2 - 4 * half * (start + k * flux))) / (2 * half)
    np.testing.assert_allclose(x, expected, rtol=1e-7)
    assert np.ptp(x) > 0.05


def test_hp_resistance_is_a_function_of_the_charge(compiled):
    device, current, x0 = LinearIonDrift(), 2e-5, 0.2
    k = device.mu * device.R_on / device.D**2
    t = np.linspace(0, 3, 31)

    def resistance(x):
        return device.R_on * x + device.R_off * (1 - x)

    x = integrate(compiled(device), lambda t, x: current * resistance(x), x0, t)
    np.testing.assert_allclose(
        resistance(x), resistance(x0) - (device.R_off - device.R_on) * k * current * t, rtol=1e-8
    )


def test_joglekar_with_p_1_is_logistic_in_the_charge(compiled):
    device, x0, current = LinearIonDriftJoglekar(p=1), 0.05, 1e-4
    k = device.mu * device.R_on / device.D**2
    t = np.linspace(0, 3, 31)
    x = integrate(compiled(device), lambda t, x: current * (device.R_on * x + device.R_off * (1 - x)), x0, t)
    np.testing.assert_allclose(x, 1 / (1 + (1 / x0 - 1) * np.exp(-4 * k * current * t)), rtol=1e-7)


@pytest.mark.parametrize("sign", [1, -1])
def test_biolek_with_p_1_is_a_tanh_of_the_charge(sign, compiled):
    device, x0, current = LinearIonDriftBiolek(p=1), 0.4, sign * 1e-4
    k = device.mu * device.R_on / device.D**2
    t = np.linspace(0, 2, 21)
    x = integrate(compiled(device), lambda t, x: current * (device.R_on * x + device.R_off * (1 - x)), x0, t)
    up = np.tanh(np.arctanh(x0) + k * current * t)
    # downwards, y = 1 - x obeys the same law
    down = 1 - np.tanh(np.arctanh(1 - x0) - k * current * t)
    np.testing.assert_allclose(x, up if sign > 0 else down, rtol=1e-7)


def test_windows_at_the_ends():
    v = np.array([1.0, -1.0])
    np.testing.assert_allclose(LinearIonDriftJoglekar().rate(v[:, None], np.array([0.0, 1.0])), 0, atol=1e-12)
    biolek = LinearIonDriftBiolek().rate(v[:, None], np.array([0.0, 1.0]))
    assert biolek[0, 0] > 0  # leaves OFF upwards
    assert biolek[0, 1] == 0
    assert biolek[1, 0] == 0
    assert biolek[1, 1] < 0


@pytest.mark.parametrize("v", [5.0, -5.0, 2.0])
def test_threshold_moves_linearly_beyond_and_at_alpha_below(v, compiled):
    device = Threshold(alpha=1e10)
    speed = (
        device.alpha * v
        if abs(v) < device.v_t
        else np.sign(v) * (device.alpha * device.v_t + device.beta * (abs(v) - device.v_t))
    )
    speed /= device.R_off - device.R_on
    t = np.linspace(0, 0.4 / abs(speed), 11)
    np.testing.assert_allclose(integrate(compiled(device), lambda t, x: v, 0.5, t), 0.5 + speed * t, rtol=1e-9)


def test_threshold_equation_as_printed():
    device = Threshold(alpha=3e11)
    v = np.linspace(-9, 9, 181)
    dr_dt = -device.beta * v + 0.5 * (device.beta - device.alpha) * (np.abs(v + device.v_t) - np.abs(v - device.v_t))
    np.testing.assert_allclose(device.rate(v, 0.5), -dr_dt / 9e3, rtol=1e-9, atol=1e-3)


def test_nothing_moves_below_the_thresholds(compiled):
    x = np.linspace(0, 1, 11)[None, :]
    for device, low, high in (
        (Vteam(), -0.2, 0.02),
        (Threshold(), -4.6, 4.6),
        (Yakopcic(), -0.15, 0.16),
    ):
        v = np.linspace(low, high, 23)[:, None]
        np.testing.assert_array_equal(compiled(device).rate(v, x), 0)
        assert (compiled(device).rate(high + 1e-3, x[:, 1:-1]) != 0).all()
        assert (compiled(device).rate(low - 1e-3, x[:, 1:-1]) != 0).all()


def test_vteam_moves_linearly_at_a_constant_voltage(compiled):
    device = Vteam()
    for v, speed in ((0.05, -5e-4 * (0.05 / 0.02 - 1) / 3e-9), (-0.3, 10 * (0.3 / 0.2 - 1) ** 3 / 3e-9)):
        t = np.linspace(0, 0.4 / abs(speed), 11)
        np.testing.assert_allclose(integrate(compiled(device), lambda t, x, v=v: v, 0.5, t), 0.5 + speed * t, rtol=1e-9)
    turned = Vteam(**Vteam.parameter_sets["turned-round"])
    assert turned.rate(0.05, 0.5) == -device.rate(0.05, 0.5)


def test_yakopcic_moves_linearly_until_it_slows(compiled):
    device, v = Yakopcic(), 0.3
    speed = 4000 * (np.exp(v) - np.exp(0.16))
    reach = 0.15 / speed
    t = np.linspace(0, reach, 11)
    np.testing.assert_allclose(integrate(compiled(device), lambda t, x: v, 0.1, t), 0.1 + speed * t, rtol=1e-9)


def test_yakopcic_slows_as_the_authors_listing_says(compiled):
    """f(x) of the SPICE listing, with its cases."""
    device = Yakopcic()
    x = np.linspace(0.01, 0.99, 99)
    g_up, g_down = 4000 * (np.exp(0.5) - np.exp(0.16)), -4000 * (np.exp(0.5) - np.exp(0.15))
    f_up = np.where(x >= 0.3, np.exp(-(x - 0.3)) * ((0.3 - x) / 0.7 + 1), 1)
    f_down = np.where(x <= 0.5, np.exp(5 * (x - 0.5)) * x / 0.5, 1)
    np.testing.assert_allclose(compiled(device).rate(0.5, x), g_up * f_up, rtol=1e-12)
    np.testing.assert_allclose(compiled(device).rate(-0.5, x), g_down * f_down, rtol=1e-12)
    turned = Yakopcic(eta=-1)
    np.testing.assert_allclose(compiled(turned).rate(0.5, x), -g_up * f_down, rtol=1e-12)


def test_mladenov_a9_as_in_the_authors_octave_code(compiled):
    generator = np.random.default_rng(0)
    v, x = generator.uniform(-0.6, 0.5, 3000), generator.uniform(0.06, 0.6, 3000)
    v = v[np.abs(v) > 0.05]  # his step is smooth over a millivolt
    x = x[: v.size]
    up, down = 1 / (1 + np.exp(-1000 * v)), 1 / (1 + np.exp(1000 * v))
    i = v * (0.025 * x + 0.014 * v**2 * (1 - x))
    off = 1e-10 * np.sinh(v / 0.013) * np.exp(-(0.4**2) / x**2) * np.exp(1 / (1 + 500 * i * v)) * down
    on = 1e-4 * np.sinh(v / 0.45) * np.exp(-(x**2) / 0.06**2) * np.exp(v * i / 4e-5) * up
    window = 1 / 2.1 * (1 - (x - down) ** 6 + 1.1 * np.sin(np.pi * x) ** 2)
    plain = np.abs(x**2 / 0.06**2 - v * i / 4e-5) < 75
    np.testing.assert_allclose(compiled(MladenovA9()).current(v, x), i, rtol=1e-12)
    np.testing.assert_allclose(
        compiled(MladenovA9()).rate(v, x)[plain], ((off + on) * window)[plain], rtol=1e-9, atol=1e-18
    )
