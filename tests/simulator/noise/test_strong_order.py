"""Path by path against Milstein's method in Ito's form, from one Brownian motion: order 1, and the same equation."""

import numpy as np
import pytest

from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.devices.text_equations import text_memristor
from cellnn.simulator.noise import integrate_noisy
from cellnn.simulator.noise.normals import NormalStream
from tests import reference
from tests.simulator.noise.arrays import KELVIN, KT, heun, problem

C, R = 1e-18, 1e6
A = np.array([[0.0, 0.3, 0.0], [0.2, 0.4, -0.3], [0.0, -0.2, 0.0]])
SIZE = (24, 24)
V0 = 0.08  # V; thermal noise is 64 mV here
G0, K = 2e-6, 4e11
STOP = 1e-12  # s, about three time constants
FINE = 4096
DEVICE = text_memristor("G0*(1 + x)*(1 + (v/v0)**2)*v", "k*x*(1 - x)*v/v0", {"G0": G0, "v0": V0, "k": K})


@pytest.fixture(scope="module")
def motion():
    """Normal numbers of the fine steps, (steps, cells)."""
    return np.random.default_rng(4).standard_normal((FINE, SIZE[0] * SIZE[1]))


@pytest.fixture
def on_the_path(motion, monkeypatch):
    """Integrate with so many steps along the path: the increment of a long step is the sum of its short ones."""

    def run(cell, steps):
        ratio = FINE // steps
        coarse = motion.reshape(steps, ratio, -1).sum(axis=1) / np.sqrt(ratio)

        def fill(self, out, sample, first_step):
            out[:] = coarse[first_step : first_step + len(out)]

        monkeypatch.setattr(NormalStream, "fill", fill)
        array = problem(cell, A, size=SIZE, initial=0.05, x0=0.3)
        return integrate_noisy(array, heun(STOP, step=STOP / steps), temperature=KELVIN, seed=0).states[:, 0, -1, 0]

    return run


def milstein(motion, memristive):
    """The end of the path from dv = [a + b b'] dt + b dW (Ito), each term written out by hand, with fine steps."""
    h, kernel = STOP / FINE, A[None, None]
    v, x = np.full((1, *SIZE), 0.05), np.full((1, *SIZE), 0.3)
    for z in motion:
        G, slope = 1 / R + 0 * v, 0 * v
        if memristive:
            G = G + G0 * (1 + x) * (1 + (v / V0) ** 2)
            slope = G0 * (1 + x) * 2 * v / V0**2
        drive = reference.correlate(kernel, reference.pad(reference.saturation(v), kernel, "zero-flux"))
        b, bb = np.sqrt(2 * KT * G) / C, KT * slope / C**2
        dW = np.sqrt(h) * z.reshape(v.shape)
        rate = K * x * (1 - x) * v / V0 if memristive else 0 * v
        v = v + h * ((drive / R - v * G) / C + bb) + b * dW + bb * (dW**2 - h) / 2
        x = x + h * rate
    return v[0], x[0]


@pytest.mark.parametrize(
    "cell, memristive",
    [(ChuaYang(C=C, R=R), False), (MCellNN(C=C, R=R, memristor=DEVICE), True)],
    ids=["additive", "multiplicative"],
)
def test_strong_order_1(cell, memristive, motion, on_the_path):
    truth = milstein(motion, memristive)
    steps = np.array([32, 64, 128, 256])
    ends = [on_the_path(cell, n) for n in steps]
    for state in range(len(cell.states)):
        errors = [np.abs(end[state] - truth[state]).mean() for end in ends]
        order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
        # x has no noise of its own: its errors are those of v, smoothed
        assert 0.85 < order < (1.25 if state == 0 else 1.6), (errors, order)
    # noise decides these paths
    assert truth[0].std() > 0.03
    if memristive:
        assert np.ptp(truth[1]) > 0.2
