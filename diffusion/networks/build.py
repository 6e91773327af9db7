"""From a spec to a network."""

from __future__ import annotations

import torch
from torch import nn

from ...devices.errors import InputError
from .blocks import BLOCKS
from .denoiser import Denoiser
from .residual_unet import ResidualUNet
from .spec import CIRCUITS, NetworkSpec
from .unet import UNet

WIDTHS = range(8, 1025)


def build_network(spec: NetworkSpec, picture: tuple[int, int, int], classes: int | None) -> Denoiser:
    """The network of this spec for pictures (planes, rows, columns), weights drawn from torch's global generator.

    Raises InputError for pictures that cannot be halved often enough, for attention at a resolution that is not there,
    and for a number of parameters out of reach.
    """
    halvings = 2 ** (len(spec.channels) - 1)
    if any(size % halvings for size in picture[1:]):
        expected = f"at most {_levels(picture)} numbers: pictures of {picture[1]} x {picture[2]} halve no further"
        raise InputError("network.channels", list(spec.channels), expected)
    rows = [picture[1] // 2**level for level in range(len(spec.channels))]
    for asked in spec.attention:
        if asked not in rows:
            raise InputError("network.attention", asked, f"rows of one of the resolutions: {', '.join(map(str, rows))}")
    width = spec.embedding if spec.parameters is None else _matching_width(spec, picture, classes)
    return _network(spec, picture, classes, width)


def _network(spec: NetworkSpec, picture: tuple[int, int, int], classes: int | None, width: int) -> Denoiser:
    attention = {level for level in range(len(spec.channels)) if picture[1] // 2**level in spec.attention}
    if spec.block == "residual":
        return ResidualUNet(picture[0], spec.channels, width, classes, spec.depth, attention, spec.dropout)
    plan = spec.integration if spec.block in CIRCUITS else ()
    ends_as_ddpm = spec.block == "second-order"
    return UNet(picture[0], spec.channels, width, classes, BLOCKS[spec.block](spec), plan, attention, ends_as_ddpm)


def parameter_count(network: nn.Module) -> int:
    """The number of trained numbers."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def _matching_width(spec: NetworkSpec, picture: tuple[int, int, int], classes: int | None) -> int:
    """The embedding's width whose count of parameters is nearest to the spec's."""

    def count(width: int) -> int:
        with torch.device("meta"):  # shapes without numbers
            return parameter_count(_network(spec, picture, classes, width))

    target = spec.parameters
    assert target is not None
    low, high = WIDTHS[0], WIDTHS[-1]
    if not count(low) <= target <= count(high):
        expected = f"a number from {count(low):,} to {count(high):,} for channels {list(spec.channels)}"
        raise InputError("network.parameters", target, expected, "change network.channels")
    while high - low > 1:  # counts rise with the width
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) <= target else (low, middle)
    return min(low, high, key=lambda width: abs(count(width) - target))


def _levels(picture: tuple[int, int, int]) -> int:
    levels = 1
    while all(size % 2**levels == 0 for size in picture[1:]):
        levels += 1
    return levels
