"""Cells at rest in a bath: the variance of statistical mechanics, whatever the conductance."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.linalg import cholesky, solve_continuous_lyapunov, solve_triangular

from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.devices.mladenov_a9 import MladenovA9
from cellnn.devices.strachan_taox import StrachanTaOx
from cellnn.simulator.noise import integrate_noisy
from tests import reference
from tests.simulator.noise.arrays import KELVIN, KT, heun, problem, without


def assert_variance(v, expected, alpha=1e-4):
    """The mean square of independent v is that expected, by the chi-squared distribution of its sum."""
    low, high = stats.chi2.interval(1 - alpha, v.size)
    assert low < (v**2).sum() / expected < high, (v**2).mean() / expected


@pytest.mark.parametrize("C, R", [(1e-15, 1e6), (1e-9, 1e3)])
@pytest.mark.parametrize("kelvin", [77.0, 300.0])
def test_a_plain_cell_has_the_variance_of_equipartition(C, R, kelvin):
    # at rest after 10 RC; states 5 RC apart know nothing of each other
    run = heun(25 * R * C, save=6)
    states = integrate_noisy(problem(ChuaYang(C=C, R=R)), run, temperature=kelvin, seed=3).states
    v = states[0, 0, 2:]
    assert_variance(v, KT / KELVIN * kelvin / C)
    assert stats.kstest(v.ravel() / np.sqrt(KT / KELVIN * kelvin / C), "norm").pvalue > 1e-3


def test_the_way_to_equilibrium_and_its_correlation_time():
    """From rest, <v^2> = kT/C [1 - exp(-2t/RC)]; at rest, <v(t) v(t + s)> = kT/C exp(-s/RC)."""
    C, R = 1e-15, 1e6
    run = heun(14 * R * C, save=57)
    paths = integrate_noisy(problem(ChuaYang(C=C, R=R), size=(100, 100)), run, temperature=KELVIN, seed=5)
    times, v = paths.times / (R * C), paths.states[0, 0].reshape(57, -1)
    for k in (1, 2, 4, 8):
        assert_variance(v[k], KT / C * (1 - np.exp(-2 * times[k])))
    start = v[32]
    for lag in (1, 2, 4, 8, 12):
        rho = np.exp(-(times[32 + lag] - times[32]))
        measured = (start * v[32 + lag]).mean() / (KT / C)
        assert abs(measured - rho) < 4 * np.sqrt((1 + rho**2) / start.size)


def deviation(v, covariance):
    """How many standard errors the covariance of v (samples, cells) is off this one at most."""
    samples, cells = v.shape
    white = solve_triangular(cholesky(covariance, lower=True), v.T, lower=True)
    return np.abs((white @ white.T / samples - np.eye(cells)) * np.sqrt(samples / (1 + np.eye(cells)))).max()


def test_coupled_cells_have_the_covariance_of_the_lyapunov_equation():
    """J S + S J' + 2kT/(R C^2) = 0 for dv = J v dt + noise, J = (A* - 1)/RC, as long as the output is linear."""
    C, R, size = 1e-15, 1e6, (3, 4)
    A = np.array([[0.0, 0.1, 0.0], [0.15, 0.2, -0.1], [0.05, 0.1, 0.0]])
    cells = size[0] * size[1]
    unit = np.eye(cells).reshape(cells, 1, *size)
    coupling = np.array(
        [reference.correlate(A[None, None], reference.pad(e, A[None, None], "zero-flux")) for e in unit]
    )
    J = (coupling.reshape(cells, cells).T - np.eye(cells)) / (R * C)
    S = solve_continuous_lyapunov(J, -2 * KT / (R * C**2) * np.eye(cells))
    run = heun(60 * R * C, save=7, step=R * C / 25)
    paths = integrate_noisy(problem(ChuaYang(C=C, R=R), A, size=size, samples=1500), run, temperature=KELVIN, seed=8)
    v = paths.states[0, :, 2:].reshape(-1, cells)
    assert np.abs(v).max() < 1.0  # linear
    assert deviation(v, S) < 4.5
    # the test can tell: without the coupling, and with it transposed, it is another covariance
    transposed = solve_continuous_lyapunov(J.T, -2 * KT / (R * C**2) * np.eye(cells))
    for wrong in (KT / C * np.eye(cells), transposed):
        assert deviation(v, wrong) > 6


C_TINY = 1e-18
SIGMA = np.sqrt(KT / C_TINY)  # 64 mV


def strachan(v):
    """G [S] at x = 0."""
    return 7.2e-6 * np.exp(4.7 * np.sqrt(np.abs(v)))


def mladenov(v):
    """G [S] at x = 0.001."""
    return 0.025 * 0.001 + 0.014 * v**2 * 0.999


NONLINEAR = {
    "strachan-taox": (StrachanTaOx(A=0.0, B=0.0), 0.0, strachan),
    "mladenov-a9": (MladenovA9(A=0.0, B=0.0), 0.001, mladenov),
}


def ratio(G, power):
    """<v^2> C/kT under the density exp(-C v^2 / 2kT) / G^power: 0 is Boltzmann's, 1/2 what Stratonovich's reading of
    the noise would give, 1 what Ito's would."""
    weight = lambda s: np.exp(-(s**2) / 2) / G(s * SIGMA) ** power  # noqa: E731
    return quad(lambda s: s**2 * weight(s), 0, 12)[0] / quad(weight, 0, 12)[0]


def frozen_cells(device, x0, G, seed, steps=100, size=(64, 64)):
    """v [V] of memristors with a fixed state, at rest, in independent moments; so many steps in C/G."""
    tau = C_TINY / G(SIGMA)
    cells = problem(MCellNN(C=C_TINY, R=1e12, memristor=device), x0=x0, size=size)
    paths = integrate_noisy(cells, heun(40 * tau, save=7, step=tau / steps), temperature=KELVIN, seed=seed)
    assert (paths.states[1] == x0).all()
    return paths.states[0, 0, 2:]


@pytest.mark.parametrize("name", NONLINEAR)
def test_a_nonlinear_conductance_has_it_too(name):
    device, x0, G = NONLINEAR[name]
    v = frozen_cells(device, x0, G, seed=1)
    assert_variance(v, SIGMA**2)
    assert stats.kstest(v.ravel() / SIGMA, "norm").pvalue > 1e-3


@pytest.mark.parametrize("name", NONLINEAR)
def test_without_the_drift_of_the_noise_it_would_not(name, monkeypatch):
    """And it goes wrong by as much as theory says: the density is then Boltzmann's by sqrt(G)."""
    device, x0, G = NONLINEAR[name]
    without(monkeypatch, "drift")
    v = frozen_cells(device, x0, G, seed=1)
    with pytest.raises(AssertionError):
        assert_variance(v, SIGMA**2)
    expected = ratio(G, 0.5)
    assert expected < 0.9
    # not normal: the error of the mean square from the sample itself
    squares = (v / SIGMA) ** 2
    assert abs(squares.mean() - expected) < 4 * squares.std() / np.sqrt(v.size)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_cusp_of_a_conductance_throws_no_cell_off(seed):
    """dG/dv of TaOx is infinite at 0 V: taken as it is, it sends some of these cells beyond all volts."""
    v = frozen_cells(*NONLINEAR["strachan-taox"], seed=seed, steps=10, size=(200, 200))
    assert np.abs(v).max() < 6.5 * SIGMA
    assert abs((v**2).mean() / SIGMA**2 - 1) < 0.03  # of which 0.015 are due to the long step
