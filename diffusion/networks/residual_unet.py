"""The U-Net of DDPM."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn
from torch.nn import functional

from .attention import Attention
from .blocks.conv import ConvBlock, groups_of
from .denoiser import Denoiser
from .embedding import Condition


class ResidualUNet(Denoiser):
    """Residual blocks at falling, then at rising resolution, with a way across for each (Ho et al. 2020, appendix B).

    `depth` blocks at each resolution down, one more up; self-attention after each block where it is asked for, and
    between the two in the middle; convolutions of stride 2 down, copies and a convolution up. Blocks are told of the
    diffusion step by scale and shift (Dhariwal & Nichol 2021) rather than by shift alone.
    """

    def __init__(
        self,
        planes: int,
        channels: tuple[int, ...],
        embedding: int,
        classes: int | None,
        depth: int,
        attention: Collection[int],
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.condition = Condition(embedding, classes)
        self.first = nn.Conv2d(planes, channels[0], 3, padding=1)
        h, across = channels[0], [channels[0]]
        self.down = nn.ModuleList()
        for level, width in enumerate(channels):
            blocks = nn.ModuleList()
            for _ in range(depth):
                blocks.append(_Step(h, width, embedding, level in attention, dropout))
                h = width
                across.append(h)
            if level < len(channels) - 1:
                blocks.append(nn.Conv2d(h, h, 3, stride=2, padding=1))
                across.append(h)
            self.down.append(blocks)
        self.middle = nn.ModuleList(
            [_Step(h, h, embedding, True, dropout), _Step(h, h, embedding, False, dropout)],
        )
        self.up = nn.ModuleList()
        for level, width in reversed(list(enumerate(channels))):
            blocks = nn.ModuleList()
            for _ in range(depth + 1):
                blocks.append(_Step(h + across.pop(), width, embedding, level in attention, dropout))
                h = width
            if level:
                blocks.append(nn.Conv2d(h, h, 3, padding=1))
            self.up.append(blocks)
        self.norm = nn.GroupNorm(groups_of(h), h)
        self.last = nn.Conv2d(h, planes, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """The prediction, as x (n, planes, rows, columns), at diffusion times t (n,) in [0, 1]; `label` (n,)."""
        condition = self.condition(t, label)
        h = self.first(x)
        across = [h]
        for blocks in self.down:
            for block in blocks.children():
                h = block(h, condition) if isinstance(block, _Step) else block(h)
                across.append(h)
        for block in self.middle:
            h = block(h, condition)
        for blocks in self.up:
            for block in blocks.children():
                if isinstance(block, _Step):
                    h = block(torch.cat([h, across.pop()], dim=1), condition)
                else:
                    h = block(functional.interpolate(h, scale_factor=2, mode="nearest"))
        return self.last(functional.silu(self.norm(h)))


class _Step(nn.Module):
    """A residual block, and self-attention after it where it has any."""

    def __init__(self, in_channels: int, channels: int, embedding: int, attends: bool, dropout: float) -> None:
        super().__init__()
        self.block = ConvBlock(in_channels, channels, embedding, dropout)
        self.attention = Attention(channels) if attends else nn.Identity()

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        return self.attention(self.block(h, condition))
