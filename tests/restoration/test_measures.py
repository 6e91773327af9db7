"""The measures of restored pictures against their definitions."""

import numpy as np
import pytest
import torch

from cellnn.diffusion.data import load_images
from cellnn.diffusion.measures.classifier import load_classifier
from cellnn.diffusion.restoration.lenet_distance import lenet_distance
from cellnn.diffusion.restoration.measures import psnr


@pytest.fixture(scope="module")
def digits():
    return load_images("mnist-5k", "test").normalised(slice(12))


@pytest.fixture(scope="module")
def network():
    return load_classifier("mnist-5k").network


def test_psnr_of_a_known_error():
    a = torch.zeros(2, 1, 8, 8)
    assert psnr(a + torch.tensor([0.2, 0.02])[:, None, None, None], a) == pytest.approx([20.0, 40.0], rel=1e-5)


def test_the_distance_is_its_definition(network, digits):
    """Written out with NumPy on what the network's own forward pass computes."""
    other, caught = digits.flip(0), []
    layers = (network.first, network.second, network.third, network.fourth)
    hooks = [layer.register_forward_hook(lambda module, given, answer: caught.append(answer)) for layer in layers]
    network(digits), network(other)
    for hook in hooks:
        hook.remove()
    maps = [np.maximum(part.double().numpy(), 0) for part in caught]
    wanted = np.zeros(12)
    for one, two in zip(maps[:4], maps[4:], strict=True):
        for k in range(12):
            places = (part[k].reshape(part.shape[1], -1).T for part in (one, two))
            unit = [rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in places]
            wanted[k] += np.mean(np.sum((unit[0] - unit[1]) ** 2, axis=1))
    assert lenet_distance(network, digits, other, batch=5) == pytest.approx(wanted, rel=1e-4)


def test_it_is_a_distance(network, digits):
    assert not lenet_distance(network, digits, digits).any()
    there, back = lenet_distance(network, digits, digits.flip(0)), lenet_distance(network, digits.flip(0), digits)
    assert there == pytest.approx(back, rel=1e-6) and there.min() > 0


def test_more_noise_and_another_digit_are_farther(network, digits):
    noise = torch.randn(digits.shape, generator=torch.Generator().manual_seed(0))
    grow = [lenet_distance(network, (digits + s * noise).clamp(-1, 1), digits).mean() for s in (0.05, 0.2, 0.8)]
    assert grow == sorted(grow)
    assert lenet_distance(network, digits.roll(1, 0), digits).mean() > grow[0]
