"""The discrete baseline: a residual block of two convolutions."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from ..spec import NetworkSpec

MOST_GROUPS = 8


class ConvBlock(nn.Module):
    """Group norm, SiLU, convolution; group norm with scale and shift by the diffusion step, SiLU, convolution; and a
    way around (Ho et al. 2020; scale and shift: Dhariwal & Nichol 2021, adaptive group normalisation).

    The second convolution starts at zero, so that the block starts as the identity.
    """

    def __init__(self, in_channels: int, channels: int, embedding: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.first_norm = nn.GroupNorm(groups_of(in_channels), in_channels)
        self.first = nn.Conv2d(in_channels, channels, 3, padding=1)
        self.condition = nn.Linear(embedding, 2 * channels)
        self.second_norm = nn.GroupNorm(groups_of(channels), channels)
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.around = nn.Conv2d(in_channels, channels, 1) if in_channels != channels else nn.Identity()
        nn.init.zeros_(self.second.weight)
        assert self.second.bias is not None
        nn.init.zeros_(self.second.bias)

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        """(n, channels, rows, columns) of h (n, in_channels, rows, columns) and condition (n, embedding)."""
        scale, shift = self.condition(condition)[..., None, None].chunk(2, dim=1)
        inner = self.first(functional.silu(self.first_norm(h)))
        inner = functional.silu(self.second_norm(inner) * (1 + scale) + shift)
        return self.around(h) + self.second(self.dropout(inner))


def groups_of(channels: int) -> int:
    """The number of groups of a normalisation: at most 8, and a divisor of the channels."""
    return max(groups for groups in range(1, MOST_GROUPS + 1) if channels % groups == 0)


def conv_blocks(spec: NetworkSpec) -> Callable[[int, int, int], nn.Module]:
    """Makes the blocks of a network of convolutions."""
    return lambda in_channels, channels, embedding: ConvBlock(in_channels, channels, embedding, spec.dropout)
