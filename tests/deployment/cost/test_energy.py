"""Energies of a run against closed forms and SciPy."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.circuits.outputs import Rectifier
from cellnn.circuits.own_values import OwnValues
from cellnn.circuits.template import Template
from cellnn.devices.threshold import Threshold
from cellnn.diffusion.deployment.cost.energy import run_energy
from cellnn.diffusion.deployment.cost.waveforms import run_of

R, C, V1 = 1e3, 1e-9, 0.05
TAU = R * C
SCALE = 4e-5


def array(cell, A=0.0, z=0.0, *, rows=1, columns=1, initial=0.0, x0=None, boundary="zero-flux", own=None):
    channels = 1 if np.ndim(A) != 4 else len(A)
    template = Template.of(A=A, B=np.zeros((channels, 1, 1, 1)), z=z, channels=channels)
    return CellArray("a", cell, template, Boundary.parse(boundary), rows, columns, initial, x0, own)


def energy(made, stop, points, *, u=None, loads=None):
    waves = run_of(made, 0, stop, points, "double")
    none = {"A": np.zeros(made.template.A.shape), "B": np.zeros(made.template.B.shape)}
    given = np.zeros((made.input_channels, made.rows, made.columns)) if u is None else u
    return run_energy(waves, given, none | (loads or {}), SCALE)


def charged(T, D):
    """Of an RC cell charged from D volts for T time constants: resistor, capacitor, delivered, drive, by hand."""
    e = np.exp(-T)
    resistor = D**2 / R * TAU * (T - 2 * (1 - e) + (1 - e**2) / 2)
    return resistor, C * D**2 * (1 - e) ** 2 / 2, D**2 / R * TAU * (T - (1 - e)), D**2 * (1 / R + SCALE) * TAU * T


def test_a_cell_that_charges():
    found = energy(array(ChuaYang(C, R, V1), z=0.8, rows=2, columns=3), 3 * TAU, 1001)
    expected = 6 * np.array(charged(3.0, 0.8 * V1))
    assert [found.resistors, found.capacitors, found.delivered, found.drive] == pytest.approx(expected, rel=1e-6)
    assert found.memristors == found.feedback == found.input == 0.0
    assert found.largest == pytest.approx(0.8 * V1)


def test_a_capacitor_charged_through_a_resistor_costs_as_much_as_it_stores():
    """Between D and v lies what the feed resistor would be in the passive cell: integral of (D - v)^2/R = C D^2/2."""
    found = energy(array(ChuaYang(C, R, V1), z=1.0), 20 * TAU, 4001)
    through = found.drive * (1 / R) / (1 / R + SCALE) - 2 * found.delivered + found.resistors
    assert through == pytest.approx(C * V1**2 / 2, rel=1e-5)


def test_a_cell_that_discharges():
    found = energy(array(ChuaYang(C, R, V1), initial=0.7), 2 * TAU, 1001)
    expected = C * (0.7 * V1) ** 2 / 2 * (1 - np.exp(-4.0))
    assert found.resistors == pytest.approx(expected, rel=1e-5)
    assert found.capacitors == pytest.approx(-expected, rel=1e-9)
    assert found.delivered == 0.0


def test_a_memristor_below_its_threshold_is_a_resistor():
    device = Threshold()
    G = float(device.bounded_current(0.01, 0.3)) / 0.01
    assert device.bounded_current(0.02, 0.3) == pytest.approx(0.02 * G)
    cell = MCellNN(C, R, V1, area=2.0, memristor=device)
    found = energy(array(cell, z=0.5, x0=0.3), 2 * TAU, 2001)
    assert found.memristors == pytest.approx(2.0 * G * R * found.resistors, rel=1e-9)
    assert found.memristors > 1e-3 * found.resistors


def test_pairs_at_the_border_see_what_lies_beyond_it():
    """A driver of constant voltage for a known time: (g+ + g-) u^2 t, copies beyond the edge included."""
    u = np.array([[[1.0, -2.0]]])
    B = np.array([[[[1e-5, 2e-5, 4e-5]]]])
    made = array(ChuaYang(C, R, V1), columns=2)
    found = energy(made, TAU, 5, u=u, loads={"B": B})
    by_hand = 1e-5 * (1 + 1) + 2e-5 * (1 + 4) + 4e-5 * (4 + 4)
    assert found.input == pytest.approx(by_hand * V1**2 * TAU, rel=1e-12)
    assert found.charge == pytest.approx((1e-5 * (1 + 1) + 2e-5 * (1 + 2) + 4e-5 * (2 + 2)) * V1 * TAU, rel=1e-12)
    fixed = energy(replace(made, boundary=Boundary("fixed", -3.0)), TAU, 5, u=u, loads={"B": B})
    by_hand = 1e-5 * (9 + 1) + 2e-5 * (1 + 4) + 4e-5 * (4 + 9)
    assert fixed.input == pytest.approx(by_hand * V1**2 * TAU, rel=1e-12)


ROWS, COLUMNS, CHANNELS = 3, 4, 2


@pytest.fixture(scope="module")
def coupled():
    """TaOx cells with random weights, biases and parameters of their own, and the conductances of A."""
    rng = np.random.default_rng(5)
    cell = MCellNN(C, R, V1, Rectifier(0.01))
    shape = (1, CHANNELS, ROWS, COLUMNS)
    own = OwnValues(
        A=rng.normal(0, 0.3, (1, CHANNELS, CHANNELS, 3, 3, ROWS, COLUMNS)),
        z=rng.normal(0, 1.5, shape),
        parameters={
            "R": R * rng.normal(1, 0.05, shape), "C": C * rng.normal(1, 0.05, shape), "area": rng.normal(1, 0.1, shape),
            "memristor_Gm": 0.025 * rng.normal(1, 0.1, shape),
        },
    )  # fmt: skip
    made = array(
        cell, np.zeros((CHANNELS, CHANNELS, 3, 3)), np.zeros(CHANNELS), rows=ROWS, columns=COLUMNS, x0=0.05, own=own
    )
    return made, rng.uniform(8e-6, 9e-5, own.A.shape)


def reference(made, loads, stop):
    """Energies as states of one ODE; cells, neighbours and TaOx written out by hand."""
    own = made.own
    r, c, area, Gm = (own.parameters[name].ravel() for name in ("R", "C", "area", "memristor_Gm"))
    z, cells = own.z.ravel() * V1, CHANNELS * ROWS * COLUMNS
    read, A, g = (np.empty((cells, CHANNELS * 9), kind) for kind in (int, float, float))
    for cell, (k, i, j) in enumerate(np.ndindex(CHANNELS, ROWS, COLUMNS)):
        for n, (m, a, b) in enumerate(np.ndindex(CHANNELS, 3, 3)):
            beside = min(max(i + a - 1, 0), ROWS - 1), min(max(j + b - 1, 0), COLUMNS - 1)
            read[cell, n] = np.ravel_multi_index((m, *beside), (CHANNELS, ROWS, COLUMNS))
            A[cell, n], g[cell, n] = own.A[0, k, m, a, b, i, j], loads[0, k, m, a, b, i, j]

    def rates(_, state):
        v = state[:cells]
        y = np.where(v > 0, v, 0.01 * v)[read]
        D = z + (A * y).sum(axis=1)
        # i(v, x) at x = 0.05: far below half a volt the state stays (Strachan et al. 2013)
        current = area * (Gm * 0.05 + 7.2e-6 * np.exp(4.7 * np.sqrt(np.abs(v))) * 0.95) * v
        powers = v**2 / r, v * current, v * D / r, (g * y**2).sum(axis=1), D**2 * (1 / r + SCALE)
        nanojoules = [power.sum() * 1e9 for power in powers]  # of the size of the voltages
        return np.concatenate([((D - v) / r - current) / c, nanojoules])

    return solve_ivp(rates, (0, stop), np.zeros(cells + 5), rtol=1e-8, atol=1e-12).y[-5:, -1] / 1e9


def test_a_random_array_with_memristors_against_scipy(coupled):
    made, loads = coupled
    exact = reference(made, loads, TAU)
    errors = []
    for points in (17, 33, 65):
        found = energy(made, TAU, points, loads={"A": loads})
        values = np.array([found.resistors, found.memristors, found.delivered, found.feedback, found.drive])
        errors.append(values / exact - 1)
    orders = np.log2(np.abs(np.divide(errors[:-1], errors[1:])))
    assert np.abs(orders - 2).max() < 0.1  # trapezoids
    assert np.abs(4 * errors[2] - errors[1]).max() / 3 < 1e-5  # their second order taken away


def test_what_sources_deliver_is_dissipated_or_stored(coupled):
    """Tellegen's theorem, cell by cell summed: to the error of the quadrature, which falls as its square."""
    made, loads = coupled
    coarse, fine = (energy(made, TAU, points, loads={"A": loads}).balance for points in (65, 129))
    assert fine < 5e-5
    assert coarse / fine == pytest.approx(4.0, rel=0.02)
