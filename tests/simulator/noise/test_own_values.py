"""Noise and mismatch together: every cell has the noise of its own values."""

import numpy as np
import pytest
from scipy import stats

from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.circuits.own_values import OwnValues
from cellnn.devices.strachan_taox import StrachanTaOx
from cellnn.simulator.noise import integrate_noisy
from tests.simulator.noise.arrays import KELVIN, KT, heun, problem

A = np.array([[0.1, 0.3, 0.0], [0.2, 1.5, -0.3], [0.0, -0.2, 0.1]])
CELLS = {
    "plain": (ChuaYang(C=1e-15, R=1e6), heun(1e-9, save=3)),
    "taox": (MCellNN(C=1e-15, R=1e4, V1=0.6, memristor=StrachanTaOx()), heun(1e-11, save=3)),
}


def test_every_cell_has_the_variance_of_its_own_capacitance():
    C = np.random.default_rng(0).uniform(0.3e-15, 3e-15, (3, 1, 64, 64))
    R = np.random.default_rng(1).uniform(0.7e6, 1.3e6, (1, 1, 64, 64))
    cells = problem(ChuaYang(C=1e-15, R=1e6), samples=3, own=OwnValues(parameters={"C": C, "R": R}))
    v = integrate_noisy(cells, heun(30e-9), temperature=KELVIN, seed=4).states[0, :, -1]
    assert stats.kstest((v / np.sqrt(KT / C)).ravel(), "norm").pvalue > 1e-3
    assert stats.kstest((v / np.sqrt(KT / 1e-15)).ravel(), "norm").pvalue < 1e-6  # it could tell


@pytest.mark.parametrize("name", CELLS)
def test_own_values_that_are_all_alike_change_nothing(name):
    cell, run = CELLS[name]
    size = (5, 6)
    u = np.random.default_rng(3).uniform(-1, 1, (2, 1, *size))
    setting = {"size": size, "samples": 2, "boundary": "periodic", "B": A, "u": u}
    own = OwnValues(
        A=np.broadcast_to(A[None, None, None, :, :, None, None], (1, 1, 1, 3, 3, *size)),
        parameters={name: np.full((1, 1, *size), getattr(cell, name)) for name in ("R", "C")},
    )
    alike, own_run = (
        integrate_noisy(problem(cell, A, **setting, own=values), run, temperature=KELVIN, seed=6)
        for values in (None, own)
    )
    np.testing.assert_allclose(own_run.states, alike.states, rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(own_run.outputs, alike.outputs, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("name", CELLS)
def test_a_chip_for_each_sample(name):
    """Each sample of a batch of different chips is what its chip gives alone."""
    cell, run = CELLS[name]
    rng, size = np.random.default_rng(7), (5, 6)
    weights = A[None, None, None, :, :, None, None] * rng.normal(1, 0.1, (3, 1, 1, 3, 3, *size))
    R, C = cell.R * rng.uniform(1.0, 1.2, (1, 1, *size)), cell.C * rng.uniform(1.0, 1.5, (3, 1, *size))
    u = rng.uniform(-1, 1, (3, 1, *size))
    whole = problem(cell, A, size=size, samples=3, B=A, u=u, own=OwnValues(A=weights, parameters={"R": R, "C": C}))
    together = integrate_noisy(whole, run, temperature=KELVIN, seed=6, threads=2)
    step = together.statistics.longest_step
    for n in range(3):
        own = OwnValues(A=weights[n : n + 1], parameters={"R": R, "C": C[n : n + 1]})
        one = problem(cell, A, size=size, B=A, u=u[n], own=own)
        same = heun(run.stop, run.save, step)
        alone = integrate_noisy(one, same, temperature=KELVIN, seed=6, first_sample=n)
        assert np.array_equal(together.states[:, n], alone.states[:, 0])
