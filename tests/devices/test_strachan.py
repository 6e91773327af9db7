"""Strachan's TaOx memristor against numbers computed elsewhere and a published fact."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from cellnn.devices.strachan_taox import StrachanTaOx

DEVICE = StrachanTaOx()

# (v, x, Ohm, significant digits)
RESISTANCES = [
    (0.1, 0.0, 31.4e3, 3),
    (0.1, 0.01, 3.55e3, 3),
    (0.1, 0.05, 781, 3),
    (0.1, 0.1, 395, 3),
    (0.1, 0.2, 199, 3),
    (0.1, 0.5, 79.9, 3),
    (0.1, 1.0, 40, 2),
    (0.5, 0.0, 5.0e3, 2),
    (1.0, 0.0, 1.26e3, 3),
]
# (v, x, 1/s, significant digits)
RATES = [
    (0.1, 0.1, 2.6e-6, 2),
    (0.2, 0.1, 3.7e-5, 2),
    (0.3, 0.1, 1.5e-3, 2),
    (0.4, 0.1, 0.23, 2),
    (0.5, 0.1, 1.6e2, 2),
    (0.6, 0.1, 6e5, 1),
    (-0.3, 0.1, -1.5e-7, 2),
    (-0.4, 0.1, -3.0e-4, 2),
    (-0.5, 0.1, -0.60, 2),
    (-0.6, 0.1, -1.2e3, 2),
    (-0.8, 0.1, -5e9, 1),
    (-1.0, 0.1, -2e16, 1),
    (0.5, 0.2, 2e5, 1),
    (-0.4, 0.2, -43, 2),
    (-0.5, 0.2, -8.5e4, 2),
    (-0.6, 0.2, -1.7e8, 2),
]


def rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


@pytest.mark.parametrize(("v", "x", "ohm", "digits"), RESISTANCES)
def test_resistances(v, x, ohm, digits, compiled, tensors):
    by_numba = float(compiled(DEVICE).current(v, x))
    by_torch = float(
        tensors(DEVICE).current(torch.tensor(v, dtype=torch.float64), torch.tensor(x, dtype=torch.float64))
    )
    assert by_torch == pytest.approx(by_numba, rel=1e-12)
    assert rounded(v / by_numba, digits) == pytest.approx(ohm, rel=1e-9)


@pytest.mark.parametrize(("v", "x", "expected", "digits"), RATES)
def test_rates(v, x, expected, digits, compiled, tensors):
    by_numba = float(compiled(DEVICE).rate(v, x))
    by_torch = float(tensors(DEVICE).rate(torch.tensor(v, dtype=torch.float64), torch.tensor(x, dtype=torch.float64)))
    assert by_torch == pytest.approx(by_numba, rel=1e-12)
    assert rounded(by_numba, digits) == pytest.approx(expected, rel=1e-9)


def paper(v, x, a=7.2e-6, b=4.7):
    """The published equations, written once more and without any bounds."""
    i = v * (0.025 * x + a * np.exp(b * np.sqrt(np.abs(v))) * (1 - x))
    off = 1e-10 * np.sinh(v / 0.013) * np.exp(-((0.4 / x) ** 2)) * np.exp(1 / (1 + 500 * i * v))
    on = 1e-4 * np.sinh(v / 0.45) * np.exp(-((x / 0.06) ** 2)) * np.exp(i * v / 4e-5)
    return i, np.where(v < 0, off, on)


def test_the_bounds_change_nothing_where_the_paper_can_be_evaluated(compiled):
    generator = np.random.default_rng(0)
    v, x = generator.uniform(-1, 0.5, 3000), generator.uniform(0.05, 1, 3000)
    i, rate = paper(v, x)
    plain = (0.4 / x) ** 2 < 70
    plain &= np.abs((x / 0.06) ** 2 - i * v / 4e-5) < 75
    assert plain.sum() > 1000
    np.testing.assert_allclose(compiled(DEVICE).current(v, x), i, rtol=1e-12)
    np.testing.assert_allclose(compiled(DEVICE).rate(v, x)[plain], rate[plain], rtol=1e-11)


def test_alternating_pulses_have_two_stable_fixed_points(compiled):
    """Pershin and Slipko, arXiv:1906.01377: bistability of the time-averaged state."""
    functions = compiled(DEVICE)
    up, down = 0.55, -0.55
    x = np.linspace(0.03, 0.6, 2000)
    ratio = np.log(functions.rate(up, x)) - np.log(-functions.rate(down, x))
    slope = np.diff(ratio)
    low = np.flatnonzero((slope[:-1] < 0) & (slope[1:] >= 0))[0]
    high = low + np.argmax(ratio[low:])
    assert ratio[high] > ratio[low] + 4  # not monotonic: this is what makes two stable points
    # widths of the pulses between the two extremes of the ratio
    share = 1 / (1 + np.exp((ratio[low] + ratio[high]) / 2))

    def average(t, state):
        return share * functions.rate(up, state) + (1 - share) * functions.rate(down, state)

    points = np.flatnonzero(np.diff(np.sign(average(0, x))))
    assert len(points) == 3
    roots = [brentq(lambda s: float(average(0, s)), x[k], x[k + 1], xtol=1e-12) for k in points]
    for start, end in (
        (roots[1] - 0.005, roots[0]),
        (roots[1] + 0.005, roots[2]),
        (roots[0] - 0.01, roots[0]),
        (roots[2] + 0.05, roots[2]),
    ):
        duration = 1e3 / min(np.abs(np.gradient(average(0, x), x)[points]))
        run = solve_ivp(average, (0, duration), [start], method="LSODA", rtol=1e-8, atol=1e-12)
        assert run.y[0, -1] == pytest.approx(end, abs=1e-4)
    # the pulses themselves, narrow enough to move the state by less than a thousandth each
    for fixed in (roots[0], roots[2]):
        start = fixed + 0.01
        width = 1e-3 / max(functions.rate(up, start), -functions.rate(down, start))
        state = start
        for _ in range(3000):
            state += width * share * float(functions.rate(up, state))
            state += width * (1 - share) * float(functions.rate(down, state))
        assert abs(state - fixed) < 0.5 * abs(start - fixed)
