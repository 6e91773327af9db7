"""What a network meets in training is what it meets on chips."""

import numpy as np
import pytest
import torch

from cellnn.circuits.hardware import Hardware
from cellnn.devices.op_amp import OpAmp
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.faults import StuckAt
from cellnn.devices.variability.op_amps import OpAmps
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.programming import CmoHfox, ConstantError
from cellnn.devices.variability.quantiser import Quantiser
from cellnn.devices.variability.read_noise import ReadNoise
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.hardware_aware import make_imperfect
from cellnn.diffusion.hardware_aware.cells import shifts
from cellnn.diffusion.hardware_aware.moments import ConductanceMoments
from cellnn.diffusion.layers import ArrayDynamics, FixedSteps
from cellnn.diffusion.networks.blocks.cells import blocks_of
from cellnn.diffusion.networks.ranges import measured_ranges

from ..small_networks import small_batch, small_network

PAIR = ConductancePair(8e-6, 90e-6)
CASES = {
    "levels": Hardware(PAIR, quantiser=Quantiser(5)),
    "programming": Hardware(PAIR, programming=CmoHfox(0.02)),
    "absolute errors": Hardware(PAIR, programming=ConstantError(absolute=2e-6)),
    "stuck devices": Hardware(PAIR, faults=StuckAt(0.005, 0.0)),
    "read noise": Hardware(PAIR, read=ReadNoise(scale=5.0)),
    "weights": Hardware(PAIR, weights=Spread(0.05)),
    "gain": Hardware(PAIR, gain=Spread(0.05)),
    "offset": Hardware(PAIR, offset=Spread(0.05)),
    "R and C": Hardware(PAIR, parameters={"R": Spread(0.04), "C": Spread(0.05)}),
    "converters": Hardware(PAIR, into=Converter(6), out=Converter(5)),
    "jitter": Hardware(PAIR, jitter=0.03),
    "offsets of amplifiers": Hardware(
        PAIR, op_amps=OpAmps(OpAmp(GBW=1e12), offset_spread=3e-3, trim=0.02), time_scale=100.0
    ),
    "late amplifiers": Hardware(PAIR, op_amps=OpAmps(OpAmp(GBW=3e6), offset_spread=0.0), time_scale=500.0),
}


@pytest.fixture(scope="module")
def network():
    return small_network()


@pytest.fixture(scope="module")
def ranges(network):
    return measured_ranges(network, [small_batch(64, 2)])


def distances(expected, found):
    """Rms distance of each picture."""
    return (found - expected).square().flatten(1).mean(dim=1).sqrt()


def in_training(network, hardware, ranges, batch):
    make_imperfect(network, hardware, ranges)
    network.train()
    try:
        return network(*batch)
    finally:
        network.eval()


@torch.no_grad()
@pytest.mark.parametrize("name", CASES)
def test_answers_are_as_far_from_ideal_as_those_of_chips(network, ranges, name):
    """Each effect by itself: the mean over many chips, one picture each, against as many draws in training."""
    torch.manual_seed(1)
    hardware, chips = CASES[name], 28
    x, t, label = small_batch(chips, 3)
    ideal = network(x, t, label)
    drawn = distances(ideal, in_training(network, hardware, ranges, (x, t, label))).square()
    real = []
    for k in range(chips):
        seeds = {"mismatch": k, "programming": k, "noise": k}
        made = deployed(network, ranges, hardware, seeds, Integration(precision="double", threads=1))
        one = made(x[k : k + 1], t[k : k + 1], label[k : k + 1])
        real.append(float(distances(ideal[k : k + 1], one).square()))
    real = np.array(real)
    ratio = float(drawn.mean()) / real.mean()
    error = np.hypot(real.std() / real.mean(), float(drawn.std() / drawn.mean())) / np.sqrt(chips)
    assert abs(ratio - 1.0) < 3.0 * error + 0.1, (ratio, error)


@torch.no_grad()
def test_nothing_is_changed_where_nothing_is_asked_for(network, ranges):
    batch = small_batch(4, 5)
    ideal = network(*batch)
    torch.testing.assert_close(in_training(network, Hardware(), ranges, batch), ideal, rtol=1e-5, atol=1e-6)
    assert torch.equal(network(*batch), ideal), "out of training arrays are ideal, whatever is known"


def test_gradients_of_an_ideal_chip_are_the_networks_own(network, ranges):
    """Of weights that norms with fixed statistics are part of."""
    batch = small_batch(4, 6)
    network.requires_grad_(True)
    gradients = []
    for found in (network(*batch), in_training(network, Hardware(), ranges, batch)):
        network.zero_grad()
        found.square().mean().backward()
        gradients.append({name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None})
    ideal, aware = gradients
    assert ideal.keys() == aware.keys()
    for name in ideal:
        torch.testing.assert_close(aware[name], ideal[name], rtol=1e-3, atol=1e-6)


def test_gradients_pass_levels_and_converters(network, ranges):
    """Rounding has no slope of its own: what is learned is what moves the values that are rounded."""
    network.requires_grad_(True).zero_grad()
    hardware = Hardware(PAIR, quantiser=Quantiser(4), into=Converter(4), out=Converter(4))
    in_training(network, hardware, ranges, small_batch(8, 7)).square().mean().backward()
    for block in blocks_of(network).values():
        assert block.B.grad.abs().mean() > 0 and block.dynamics.A.grad.abs().mean() > 0


def test_errors_of_rc_are_of_the_second_order():
    """Against arrays whose cells all are slower: halving the error leaves a quarter of the distance."""
    torch.manual_seed(2)
    dynamics = ArrayDynamics(3, stop=1e-6, integration=FixedSteps("rk4", 40)).double()
    feed = torch.randn(2, 3, 6, 6, dtype=torch.float64)
    states = dynamics.states(feed).detach()
    left = []
    for error in (0.1, 0.05):
        dynamics.stop = 1e-6 / (1.0 + error)  # all cells slower by this much: as if stopped earlier
        slower = dynamics.states(feed)[0]
        dynamics.stop = 1e-6
        torch.manual_seed(3)
        drawn = torch.randn_like(feed)
        torch.manual_seed(3)
        shift = shifts(dynamics, states, feed, dynamics.A, Hardware(parameters={"C": Spread(error)})) / drawn
        left.append(float((states[0] + shift - slower).abs().max().detach()))
    assert left[0] / left[1] == pytest.approx(4.0, rel=0.2)


def test_moments_are_those_of_the_effects():
    effect = CmoHfox(0.02)
    found = ConductanceMoments.of(Hardware(PAIR), [effect, ReadNoise()])
    g = np.array([9e-6, 30e-6, 88e-6])
    expected = np.square(effect.spread(g)) + np.square(ReadNoise().spread(g))
    np.testing.assert_allclose(found.variance(g), expected, rtol=5 * np.sqrt(2 / 4000))
    assert np.abs(found.shift(g)).max() < 5 * np.sqrt(expected.max() / 4000)
