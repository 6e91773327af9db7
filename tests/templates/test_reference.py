"""The reference integrator against closed forms and published numbers."""

import numpy as np
import pytest

from ..reference import simulate, taox_current, taox_rate

ONE, NONE = np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1))


def test_a_lone_cell_discharges_through_its_resistor():
    times = np.linspace(0, 5e-3, 11)
    result = simulate(NONE, ONE, np.array([0.25]), np.full((1, 1, 1), 0.5), 0.9, times, R=2e3, C=1e-6, V1=0.1)
    expected = 0.1 * (0.75 + (0.9 - 0.75) * np.exp(-times / 2e-3))
    np.testing.assert_allclose(result.state[:, 0, 0, 0], expected, rtol=1e-7)
    np.testing.assert_array_equal(result.output, result.state)


def test_a_linear_memristor_is_a_resistor_in_parallel():
    ohmic = (lambda v, x: v / 1e3, lambda v, x: 0 * v + 1e4)
    times = np.linspace(0, 2e-6, 5)
    result = simulate(NONE, NONE, np.zeros(1), np.zeros((1, 1, 2)), 1.0, times, memristor=ohmic, area=3.0, x0=0.49)
    np.testing.assert_allclose(result.state[:, 0, 0, 1], np.exp(-4 * times / 1e-6), rtol=1e-6)
    np.testing.assert_allclose(result.memristor[:, 0, 0, 0], 0.49 + 1e4 * times, rtol=1e-9)


def test_the_memristor_stays_within_its_bounds():
    ohmic = (lambda v, x: 0 * v, lambda v, x: 0 * v + 1e6)
    result = simulate(NONE, NONE, np.zeros(1), np.zeros((1, 1, 1)), 1.0, [0, 5e-6], memristor=ohmic, x0=0.9)
    assert result.memristor[-1, 0, 0, 0] == 1.0


def test_leak_continues_the_output():
    u = np.zeros((1, 1, 3))
    v0 = np.array([[[-3.0, 0.5, 2.0]]])
    result = simulate(NONE, NONE, np.zeros(1), u, v0, [0, 1e-9], leak=0.01)
    np.testing.assert_allclose(result.output[0, 0, 0], [-1.02, 0.5, 1.01])


@pytest.mark.parametrize(
    ("x", "ohm"), [(0, 31.4e3), (0.01, 3.55e3), (0.05, 781), (0.1, 396), (0.2, 199), (0.5, 79.9), (1, 40)]
)
def test_taox_resistance(x, ohm):
    assert 0.1 / taox_current(0.1, x) == pytest.approx(ohm, rel=6e-3)


@pytest.mark.parametrize(
    ("v", "x", "rate"),
    [(0.1, 0.1, 2.6e-6), (0.3, 0.1, 1.5e-3), (0.5, 0.1, 1.6e2), (0.6, 0.1, 6e5), (-0.3, 0.1, -1.5e-7),
     (-0.5, 0.1, -0.60), (-0.8, 0.1, -5e9), (0.5, 0.2, 2e5), (-0.5, 0.2, -8.5e4)],
)  # fmt: skip
def test_taox_rate(v, x, rate):
    assert taox_rate(v, x) == pytest.approx(rate, rel=0.1)
