"""A perceptual distance in the feature space of the LeNet that the measures use.

Built as LPIPS is (Zhang, Isola, Efros, Shechtman, Wang, CVPR 2018, arXiv 1801.03924, equation 1): feature maps of
several layers, at each place the vector over the channels made of unit length, squared differences, averaged over the
places, summed over the layers. LPIPS's networks are for photographs and its weights w_l were fitted to human judgement;
here the network is a LeNet trained on the same kind of pictures and every w_l is 1. So it has a name of its own, and
its values compare with each other, not with LPIPS.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..measures.frechet import Array
from ..measures.lenet import LeNet

EPSILON = 1e-10
"""As in LPIPS: a place without any feature stays at zero."""


@torch.no_grad()
def lenet_distance(network: LeNet, a: Tensor, b: Tensor, batch: int = 500) -> Array:
    """(n,) of pairs of pictures (n, channels, rows, columns) in [-1, 1]; 0 for the same picture."""
    parts = []
    for p, q in zip(torch.split(a, batch), torch.split(b, batch), strict=True):
        layers = zip(_maps(network, p), _maps(network, q), strict=True)
        parts.append(sum((_unit(one) - _unit(other)).square().sum(1).mean((1, 2)) for one, other in layers))
    return np.concatenate([part.double().numpy() for part in parts])  # type: ignore[union-attr]


def _maps(network: LeNet, x: Tensor) -> list[Tensor]:
    """After each ReLU: both convolutions, (n, channels, rows, columns), and both layers of features, (n, d, 1, 1)."""
    first = functional.relu(network.first(x))
    second = functional.relu(network.second(functional.max_pool2d(first, 2)))
    third = functional.relu(network.third(functional.max_pool2d(second, 2).flatten(1)))
    fourth = functional.relu(network.fourth(third))
    return [first, second, third[:, :, None, None], fourth[:, :, None, None]]


def _unit(maps: Tensor) -> Tensor:
    """Of length 1 over the channels."""
    return maps / (maps.square().sum(1, keepdim=True).sqrt() + EPSILON)
