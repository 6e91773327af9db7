"""Thermal noise of second-order cells: equipartition, <v^2> = kT/C and <i^2> = kT/L, whatever Q."""

import numpy as np
import pytest

from cellnn.circuits.cells import SecondOrder
from cellnn.circuits.own_values import OwnValues
from cellnn.simulator.noise import integrate_noisy
from tests.simulator.noise.arrays import KELVIN, KT, heun, problem
from tests.simulator.noise.test_equilibrium import assert_variance

R, C = 1e6, 1e-15
RC = R * C


@pytest.mark.parametrize("quality", [0.6, 3.0])
def test_capacitor_and_inductor_have_the_energy_of_equipartition(quality):
    L = quality**2 * R**2 * C
    run = heun(18 * RC * max(quality**2, 1 / quality), save=4, step=min(quality, 1.0) * RC / 50)
    paths = integrate_noisy(problem(SecondOrder(C, R, L=L), size=(40, 40)), run, temperature=KELVIN, seed=4)
    v, w = paths.states[:, 0, 2:]
    assert_variance(v, KT / C)
    assert_variance(w / R, KT / L)
    # position and velocity at rest know nothing of each other
    assert abs((v * w).mean()) < 4.5 * np.sqrt((v**2).mean() * (w**2).mean() / v.size)


def test_how_a_swing_forgets_itself():
    """<v(t) v(t + s)> = kT/C exp(-a s) [cos(b s) + a/b sin(b s)], a = R/2L, b^2 = 1/LC - a^2 (M. C. Wang, G. E.
    Uhlenbeck, Rev. Mod. Phys. 17, 323 (1945), eq. 50)."""
    L = 9 * R**2 * C
    a = R / (2 * L)
    b = np.sqrt(1 / (L * C) - a**2)
    run = heun(100 * RC, save=51)
    paths = integrate_noisy(problem(SecondOrder(C, R, L=L), size=(50, 50)), run, temperature=KELVIN, seed=6)
    v = paths.states[0, 0].reshape(51, -1)
    start = v[40]
    for later in (1, 2, 4, 7):
        s = paths.times[40 + later] - paths.times[40]
        rho = np.exp(-a * s) * (np.cos(b * s) + a / b * np.sin(b * s))
        assert abs((start * v[40 + later]).mean() / (KT / C) - rho) < 4.5 * np.sqrt((1 + rho**2) / start.size)


def test_cells_with_values_of_their_own_have_their_own_variance():
    shape = (1, 1, 40, 40)
    own = {"C": np.full(shape, C), "L": np.full(shape, 2 * R**2 * C), "R": np.full(shape, R)}
    own["C"][..., :20], own["L"][..., :20], own["R"][..., :20] = 2 * C, R**2 * C, R / 2
    cell = SecondOrder(C, R, L=2 * R**2 * C)
    run = heun(45 * RC, save=4, step=RC / 50)
    paths = integrate_noisy(
        problem(cell, size=(40, 40), own=OwnValues(parameters=own)), run, temperature=KELVIN, seed=9
    )
    for half, values in ((slice(20), (2 * C, R**2 * C, R / 2)), (slice(20, None), (C, 2 * R**2 * C, R))):
        v, w = paths.states[:, 0, 2:, 0, :, half]
        assert_variance(v, KT / values[0])
        assert_variance(w / values[2], KT / values[1])
