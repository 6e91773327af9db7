"""The skeleton every denoiser shares."""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn
from torch.nn import functional

from .attention import Attention
from .blocks.conv import groups_of
from .denoiser import Denoiser
from .embedding import Condition
from .integration import IntegrationSpec


class UNet(Denoiser):
    """Blocks at falling, then at rising resolution, with ways across (Ronneberger et al. 2015; Ho et al. 2020).

    One block at each resolution on the way down and on the way up, and one in between. Means of 2 x 2 go down, copies
    go up: no weights, and nothing an array would have to learn. The first and the last layer are linear: arrays
    without feedback; with `last_norm` a norm and a SiLU stand before the last, as in DDPM. Self-attention, at the
    levels it is asked for, stands behind the block down, and at the coarsest behind the one in between.
    """

    def __init__(
        self,
        planes: int,
        channels: tuple[int, ...],
        embedding: int,
        classes: int | None,
        block: Callable[[int, int, int], nn.Module],
        integration: tuple[IntegrationSpec, ...] = (),
        attention: Collection[int] = (),
        last_norm: bool = False,
    ) -> None:
        super().__init__(integration)
        self.condition = Condition(embedding, classes)
        self.first = nn.Conv2d(planes, channels[0], 3, padding=1)
        into = (channels[0], *channels)
        self.down = nn.ModuleList(block(into[k], width, embedding) for k, width in enumerate(channels))
        self.middle = block(channels[-1], channels[-1], embedding)
        above = (*channels[1:], channels[-1])
        self.up = nn.ModuleList(block(above[k] + width, width, embedding) for k, width in enumerate(channels))
        self.norm = nn.GroupNorm(groups_of(channels[0]), channels[0]) if last_norm else None
        self.last = nn.Conv2d(channels[0], planes, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        assert self.last.bias is not None
        nn.init.zeros_(self.last.bias)
        self.attention = nn.ModuleDict({str(level): Attention(channels[level]) for level in sorted(attention)})
        self.integrate_as_at(1.0)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """The prediction, as x (n, planes, rows, columns), at diffusion times t (n,) in [0, 1]; `label` (n,)."""
        condition = self.condition(t, label)
        h = self.first(x)
        across: list[Tensor] = []
        for k, block in enumerate(self.down):
            h = block(functional.avg_pool2d(h, 2) if k else h, condition)
            if k < len(self.down) - 1:
                h = self._attended(h, k)
            across.append(h)
        h = self._attended(self.middle(h, condition), len(self.down) - 1)
        for k in reversed(range(len(self.up))):
            h = self.up[k](torch.cat([h, across[k]], dim=1), condition)
            if k:
                h = functional.interpolate(h, scale_factor=2, mode="nearest")
        return self.last(h if self.norm is None else functional.silu(self.norm(h)))

    def _attended(self, h: Tensor, level: int) -> Tensor:
        return self.attention[str(level)](h) if str(level) in self.attention else h
