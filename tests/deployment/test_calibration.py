"""A calibrated chip answers more like the ideal one, also what it was not calibrated with."""

import numpy as np
import pytest
import torch

from cellnn.circuits.hardware import Hardware
from cellnn.devices.variability.spread import Spread
from cellnn.diffusion.deployment import calibration
from cellnn.diffusion.deployment.calibration import calibrate, fit_cells, fit_channels
from cellnn.diffusion.deployment.network import deployed
from cellnn.diffusion.deployment.noised import Questions
from cellnn.diffusion.deployment.run import Integration
from cellnn.diffusion.networks.ranges import measured_ranges

from ..small_networks import small_batch, small_network


def question(n, seed):
    x, t, label = small_batch(n, seed)
    return Questions(x, t, label, x)


def chip(network, hardware):
    ranges = measured_ranges(network, [small_batch(64, 2)])
    return deployed(network, ranges, hardware, {}, Integration(precision="double", threads=1))


def test_lines_of_channels_are_those_of_least_squares():
    generator = np.random.default_rng(0)
    y, target = generator.normal(size=(2, 7, 3, 4, 5))
    a, b = fit_channels(y, target)
    for channel in range(3):
        expected = np.polyfit(y[:, channel].ravel(), target[:, channel].ravel(), 1)
        assert [a[0, channel, 0, 0], b[0, channel, 0, 0]] == pytest.approx(expected, rel=1e-9)


def test_lines_of_cells_are_those_of_least_squares_with_the_channels_as_prior(monkeypatch):
    generator = np.random.default_rng(1)
    y, target = generator.normal(size=(2, 9, 2, 3, 3))
    a0, b0 = fit_channels(y, target)
    a, b = fit_cells(y, target, a0, b0)
    weight = np.sqrt(calibration.PRIOR)
    for place in np.ndindex(2, 3, 3):
        channel = (place[0], 0, 0)
        size = np.sqrt(np.square(y[:, place[0]]).mean())
        rows = np.column_stack((y[(slice(None), *place)], np.ones(9)))
        rows = np.vstack((rows, [[weight * size, 0.0], [0.0, weight]]))
        wanted = np.append(target[(slice(None), *place)], [weight * size * a0[0][channel], weight * b0[0][channel]])
        expected = np.linalg.lstsq(rows, wanted, rcond=None)[0]
        assert [a[0][place], b[0][place]] == pytest.approx(expected, rel=1e-9)
    monkeypatch.setattr(calibration, "PRIOR", 1e12)
    assert np.allclose(fit_cells(y, target, a0, b0)[0], a0)


@torch.no_grad()
@pytest.mark.parametrize(
    "hardware, correct, least",
    [
        (Hardware(parameters={"R": Spread(0.05), "C": Spread(0.05)}), "cells", 2.0),
        (Hardware(gain=Spread(common=0.1)), "channels", 2.0),
        (Hardware(offset=Spread(0.0, 0.1)), "channels", 5.0),
    ],
)
def test_it_is_nearer_to_the_ideal_one_on_other_pictures(hardware, correct, least):
    network = small_network()
    made, other = chip(network, hardware), question(24, 8)
    expected = network(other.x, other.t, other.label)
    before = (made(other.x, other.t, other.label) - expected).square().mean().sqrt()
    found = calibrate(network, made, question(96, 7), correct)
    after = (made(other.x, other.t, other.label) - expected).square().mean().sqrt()
    assert before / after > least
    assert found and all(one.after < one.before for one in found.values())


@torch.no_grad()
def test_nothing_to_correct_leaves_it_as_it_is():
    network, other = small_network(), question(8, 8)
    made = chip(network, Hardware())
    before = made(other.x, other.t, other.label)
    assert calibrate(network, made, question(32, 7), "nothing") == {}
    assert torch.equal(made(other.x, other.t, other.label), before)
    calibrate(network, made, question(32, 7), "cells")
    assert torch.allclose(made(other.x, other.t, other.label), before, atol=1e-5)
