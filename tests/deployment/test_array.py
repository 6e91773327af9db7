"""A network on ideal hardware is the network."""

import numpy as np
import pytest
import torch

from cellnn.circuits.hardware import Hardware
from cellnn.circuits.noise import BOLTZMANN, ThermalNoise
from cellnn.devices.errors import InputError
from cellnn.devices.variability.converter import Converter
from cellnn.devices.variability.programming import ConstantError
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment.array import DeployedArray
from cellnn.diffusion.deployment.fold import FoldedBlock
from cellnn.diffusion.deployment.memristors import watched_memristors
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.networks import NetworkSpec, build_network
from cellnn.diffusion.networks.blocks.cells import blocks_of
from cellnn.diffusion.networks.ranges import measured_ranges

from ..small_networks import small_batch, small_network


@pytest.fixture
def network():
    return small_network()


def on(network, hardware, seeds=None, **how):
    return deployed(network, measured_ranges(network, [small_batch(32, 2)]), hardware, seeds or {}, Integration(**how))


@pytest.mark.parametrize("precision, bar", [("single", 1e-5), ("double", 1e-6)])
def test_ideal_hardware_is_the_network(network, precision, bar):
    made = on(network, Hardware(), precision=precision)
    x, t, label = small_batch(5, 3)
    with torch.no_grad():
        expected, found = network(x, t, label), made(x, t, label)
    assert (found - expected).abs().max() < bar * max(1.0, expected.abs().max())
    assert expected.abs().max() > 0.1


def test_effects_of_strength_nothing_are_bit_identical(network):
    x, t, label = small_batch(3, 4)
    nothing = Hardware(programming=ConstantError(), thermal=ThermalNoise(0.0), parameters={"R": Spread()})
    assert torch.equal(on(network, Hardware())(x, t, label), on(network, nothing)(x, t, label))


def test_each_effect_matters_and_is_repeatable(network):
    x, t, label = small_batch(3, 5)
    ideal = on(network, Hardware())(x, t, label)
    for hardware in (
        Hardware(programming=ConstantError(relative=0.05)),
        Hardware(weights=Spread(0.02)),
        Hardware(parameters={"C": Spread(0.05)}),
        Hardware(into=Converter(6), out=Converter(6)),
        Hardware(jitter=0.05),
        Hardware(thermal=ThermalNoise(300.0)),
    ):
        first = on(network, hardware)(x, t, label)
        assert torch.equal(first, on(network, hardware)(x, t, label))
        assert 1e-7 < (first - ideal).abs().max() < 0.5 * ideal.abs().max()
        assert not torch.equal(
            first, on(network, hardware, {"mismatch": 5, "programming": 5, "noise": 5})(x, t, label)
        ) or (hardware.into is not None)


def test_thermal_noise_has_its_variance(network):
    """kT/C (1 - exp(-2 G t / C)) at the end of a run, for a cell by itself."""
    block = blocks_of(network)["middle"]
    folded = FoldedBlock.of("middle", block)
    folded.A[:] = 0.0
    array = DeployedArray(folded, 60, 60, Hardware(thermal=ThermalNoise(300.0)), {}, integration=Integration(steps=4))
    u, gain, bias = np.zeros((2, 8, 60, 60)), np.zeros((2, 8)), np.zeros((2, 8))
    _, states = array.run(u, gain, bias)
    x0 = np.array(folded.x0).reshape(1, -1, 1, 1)
    G = 1e-3 + folded.cell.memristor.bounded_conductance(0.0, x0)
    expected = BOLTZMANN * 300 / 1e-9 * (1 - np.exp(-2 * G * folded.stop / 1e-9))
    found = np.square(states[0]).mean(axis=(0, 2, 3))
    assert np.abs(found / expected.ravel() - 1).max() < 4.5 * np.sqrt(2 / 7200)


def test_convolutions_are_refused():
    conv = build_network(NetworkSpec.model_validate({"block": "conv", "channels": [6, 8]}), (1, 8, 8), None)
    with pytest.raises(InputError, match="network.block"):
        measured_ranges(conv, [])


@torch.no_grad()
def test_chip_and_network_follow_memristors_that_switch(network):
    """Large inputs take some memristors beyond their threshold: two steps would run away, in both."""
    x, t, label = small_batch(4, 6)
    x[1:3] *= 40.0
    made = on(network, Hardware(), precision="double")
    with watched_memristors(made) as drifts:
        found = made(x, t, label)
    assert max(drift.largest_in_all for drift in drifts.values()) > 0.5
    expected = network(x, t, label)
    scale = expected.abs().max()  # switching takes single precision's rounding a thousand times farther
    assert scale < 100.0 and (found - expected).abs().max() < 1e-3 * scale
    noisy = on(network, Hardware(thermal=ThermalNoise(300.0)), precision="double")(x, t, label)
    assert 1e-9 < (noisy - expected)[0].abs().max() < 0.05 * scale
