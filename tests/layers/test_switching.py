"""Samples whose memristors switch within a run are followed; the others keep their bits."""

import pytest
import torch

from cellnn.circuits.cells import MCellNN
from cellnn.circuits.outputs import Rectifier
from cellnn.devices.errors import SimulationError
from cellnn.diffusion.layers import ArrayDynamics, FixedSteps


def dynamics(steps=2, fused=True):
    """TaOx cells whose drive of sample 1 takes some of them beyond the memristors' threshold."""
    torch.manual_seed(0)
    found = ArrayDynamics(
        3, cell=MCellNN(V1=0.1, stage=Rectifier(0.01)), boundary={"fixed": 0.0}, stop=1e-6, x0=0.02,
        integration=FixedSteps("rk4", steps),
    ).double()  # fmt: skip
    found.fused, found.follows_switching = fused, True
    return found.eval().requires_grad_(False)


def feed():
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(3, 3, 5, 5, dtype=torch.float64, generator=generator)
    values[1] *= 12.0
    return values


@pytest.mark.parametrize("fused", [True, False])
def test_a_sample_that_switches_is_that_of_fine_steps(fused):
    coarse, fine = dynamics(fused=fused), dynamics(20_000)
    fine.follows_switching = False
    expected, states = fine(feed()), fine.states(feed())
    assert (states[1, 1] - 0.02).max() > 0.5 and (states[1, ::2] - 0.02).abs().max() < 1e-3, "one sample switches"
    found = coarse(feed())
    scale = expected.abs().max()
    assert (found - expected)[1].abs().max() < 0.02 * scale
    coarse.follows_switching = False
    left = coarse.ended(feed())[0]
    assert not (left - expected)[1].abs().max() < 100 * scale, "what it would be without"
    assert torch.equal(found[::2], left[::2]), "the others keep their bits"


def test_a_sample_does_not_depend_on_its_batch():
    layer, given = dynamics(), feed()
    whole = layer(given)
    for k in range(3):
        torch.testing.assert_close(layer(given[k : k + 1])[0], whole[k], rtol=1e-12, atol=1e-14)


def test_in_training_nothing_is_done_again():
    layer = dynamics().train()
    with pytest.raises(SimulationError):
        layer(feed() * 4)


def test_what_cannot_be_followed_is_told():
    layer = dynamics()
    with pytest.raises(SimulationError, match="ran away"):
        layer(feed() * 1e30)
