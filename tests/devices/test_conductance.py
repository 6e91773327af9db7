"""The conductance i/v of every memristor: what its thermal noise comes from."""

import numpy as np
import pytest

from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.devices.registry import make_memristor, memristor_names
from cellnn.devices.text_equations import text_memristor

V = np.concatenate([-np.logspace(-8, -0.3, 40), np.logspace(-8, -0.3, 40)])[:, None]
X = np.array([0.0, 0.03, 0.5, 1.0])


@pytest.mark.parametrize("name", memristor_names())
def test_conductance_is_current_by_voltage(name):
    device = make_memristor(name)
    np.testing.assert_allclose(device.bounded_conductance(V, X), device.bounded_current(V, X) / V, rtol=1e-12)


@pytest.mark.parametrize("name", memristor_names())
def test_at_0_volts_it_is_the_limit(name):
    device = make_memristor(name)
    at_zero, near = device.bounded_conductance(np.zeros(4), X), device.bounded_current(1e-7, X) / 1e-7
    np.testing.assert_allclose(at_zero, near, rtol=2e-3, atol=1e-12)  # exp(4.7 sqrt(1e-7)) = 1.0015


def test_a_conductance_without_loss_counts_as_none():
    """A device that gives power away has no thermal noise."""
    active = text_memristor("-G*v", "0*v", {"G": 1e-3})
    assert np.array_equal(active.bounded_conductance(np.array([-0.1, 0.0, 0.1]), 0.5), np.zeros(3))


def test_of_cells():
    assert ChuaYang(R=2e3).noise_conductance(0.3) == 5e-4
    cell = MCellNN(R=2e3, area=0.5)
    v, x = 0.2, 0.1
    strachan = 0.025 * x + 7.2e-6 * np.exp(4.7 * np.sqrt(v)) * (1 - x)
    np.testing.assert_allclose(cell.noise_conductance(v, x), 5e-4 + 0.5 * strachan, rtol=1e-14)
