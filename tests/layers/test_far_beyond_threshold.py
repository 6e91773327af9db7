"""Cells driven so far that their memristors' rates are beyond single precision."""

import pytest
import torch

from cellnn.circuits.outputs import Rectifier
from cellnn.diffusion.layers import FixedSteps, MCellNN


@pytest.mark.parametrize("method, steps", [("euler", 2), ("heun", 2), ("rk4", 1), ("rk4", 4)])
def test_single_precision_ends_where_double_does(method, steps):
    """A step that is too long for a memristor that switches on may end far away, but not as no number."""
    layer = MCellNN(
        1, 1, voltage_unit=0.1, output=Rectifier(0.01), stop=1e-6, x0=0.02, integration=FixedSteps(method, steps)
    )
    with torch.no_grad():
        layer.dynamics.A.zero_()  # each cell for itself: from -15 V to 15 V
    layer.dynamics.check = lambda s: None
    feed = torch.linspace(-150, 150, 3001).reshape(1, 1, 1, -1)
    single = layer.dynamics.states(feed, 0.0).detach().double()
    double = layer.double().dynamics.states(feed.double(), 0.0).detach()
    storable = double[0].abs() < 1e30
    assert storable.float().mean() > 0.3
    assert torch.isfinite(single[:, storable]).all()
    near = double[0].abs() < 12.0  # where nothing has switched: the two agree
    assert near.any() and (single - double)[0][near].abs().max() < 1e-3
