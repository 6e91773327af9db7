"""The U-Net of DDPM, and attention."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from cellnn.devices.errors import InputError
from cellnn.diffusion.networks import NetworkSpec, build_network
from cellnn.diffusion.networks.attention import Attention
from cellnn.diffusion.networks.blocks import ConvBlock
from cellnn.diffusion.networks.residual_unet import ResidualUNet


def made(picture: tuple[int, int, int] = (1, 8, 8), **spec: object) -> ResidualUNet:
    given = {"block": "residual", "channels": [8, 12], "embedding": 16, **spec}
    network = build_network(NetworkSpec.model_validate(given), picture, None)
    assert isinstance(network, ResidualUNet)
    return network


def test_attention_is_that_of_torch():
    torch.manual_seed(0)
    layer = Attention(12).double()
    nn.init.normal_(layer.answer.weight)
    h = torch.randn(2, 12, 3, 5).double()
    asked = functional.conv2d(layer.norm(h), layer.asked.weight, layer.asked.bias).flatten(2).transpose(1, 2)
    found = functional.scaled_dot_product_attention(*asked.chunk(3, dim=2)).transpose(1, 2).unflatten(2, (3, 5))
    assert torch.allclose(layer(h), h + layer.answer(found), atol=1e-12)


def test_attention_knows_no_places():
    """Moved places are moved answers: nothing but what stands there counts."""
    torch.manual_seed(0)
    layer = Attention(8).double()
    nn.init.normal_(layer.answer.weight)
    h, order = torch.randn(1, 8, 4, 4).double(), torch.randperm(16)
    moved = layer(h.flatten(2)[..., order].unflatten(2, (4, 4)))
    assert torch.allclose(moved, layer(h).flatten(2)[..., order].unflatten(2, (4, 4)), atol=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_blocks_of_ddpm(depth):
    """Ho et al. 2020: depth blocks down, one more up, two in the middle; halvings by convolutions, attention where
    asked and in the middle. Up, a block takes the planes below and one way across: the first layer's, each block's,
    each halving's."""
    network = made(picture=(1, 12, 12), channels=[8, 12, 16], depth=depth, attention=[6])
    blocks = [module for module in network.modules() if isinstance(module, ConvBlock)]
    assert len(blocks) == 3 * depth + 2 + 3 * (depth + 1)
    halving = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.stride == (2, 2)]
    assert [m.out_channels for m in halving] == [8, 12]
    attending = [m.norm.num_channels for m in network.modules() if isinstance(m, Attention)]
    assert attending == [12] * depth + [16] + [12] * (depth + 1)
    across = [8] + [8] * depth + [8] + [12] * depth + [12] + [16] * depth
    below = [16] + [16] * depth + [16] + [12] * depth + [12] + [8] * depth
    up = [step.block.first.in_channels for part in network.up for step in part if not isinstance(step, nn.Conv2d)]
    assert up == [a + b for a, b in zip(reversed(across), below, strict=True)]


def test_the_lowest_planes_see_the_whole_picture():
    torch.manual_seed(0)
    network = made(attention=[4]).double()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    x = torch.randn(1, 1, 8, 8).double().requires_grad_()
    network(x, torch.tensor([0.3]).double())[0, 0, 0, 0].backward()
    assert x.grad.abs().min() > 0


def test_attention_at_a_resolution_that_is_not_there():
    with pytest.raises(InputError, match=r"network\.attention: got 5; expected rows of one of the resolutions: 8, 4"):
        made(attention=[5])
