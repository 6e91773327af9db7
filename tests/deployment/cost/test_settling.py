"""Settling times against those of an RC cell."""

import numpy as np
import pytest

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang
from cellnn.circuits.outputs import Rectifier
from cellnn.circuits.template import Template
from cellnn.diffusion.deployment.cost.settling import settling_of, since_below
from cellnn.diffusion.deployment.cost.waveforms import run_of

TAU = 1e-6


def run(z, T, A=0.0):
    """A row of cells, z of each."""
    cell = ChuaYang(C=1e-9, R=1e3, V1=0.1, stage=Rectifier())
    channels = len(z)
    template = Template.of(A=A, B=np.zeros((channels, 1, 1, 1)), z=z, channels=channels)
    made = CellArray("a", cell, template, Boundary.parse("zero-flux"), 1, 1, 0.0, None)
    return run_of(made, 0, T * TAU, 2001, "double")


def test_rest_of_rc_cells():
    """|dv/dt| = D/RC exp(-t/RC)."""
    found = settling_of(run([0.5, -0.9], 8), 0.01)
    assert found.resting == 1.0
    assert found.rest == pytest.approx(np.log(0.9 / 0.01) * TAU, rel=1e-5)


def test_rest_with_feedback():
    """y = v > 0 and A = 1/2 make the time constant 2 RC, and what v goes to 2 D."""
    found = settling_of(run([0.5], 16, A=0.5), 0.01)
    assert found.rest == pytest.approx(2 * np.log(0.5 / 0.01) * TAU, rel=1e-5)


def test_output_within_a_share_of_its_end():
    """Of one rectified cell: (exp(-t) - exp(-T)) = 0.01 (1 - exp(-T)); the other's output is 0."""
    found = settling_of(run([0.5, -0.9], 5), 0.01)
    assert found.output == pytest.approx(-np.log(np.exp(-5) + 0.01 * (1 - np.exp(-5))) * TAU, rel=1e-4)


def test_what_does_not_settle():
    found = settling_of(run([0.5, 0.001], 1), 0.01)
    assert (found.resting, found.rest) == (0.5, None)
    assert 0.97 * TAU < found.output < TAU


def test_since_below():
    times = np.array([0.0, 1.0, 2.0, 3.0])
    values = np.array([[5.0, 0.5, 5.0, 5.0], [3.0, 0.5, 0.0, 0.0], [1.0, 0.5, 4.0, 0.0], [1.0, 0.5, 4.0, 2.0]])
    found = since_below(times, values, 2.0)
    np.testing.assert_allclose(found, [1.5, 0.0, np.inf, 0.6])
