"""What the skeleton asks of a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from torch import Tensor, nn

from ..spec import NetworkSpec


class Block(Protocol):
    """A module from `in_channels` to `channels` planes of the same size, conditioned on the diffusion step."""

    def __call__(self, h: Tensor, condition: Tensor) -> Tensor:
        """(n, channels, rows, columns) of h (n, in_channels, rows, columns) and condition (n, embedding)."""


BlockMaker = Callable[[NetworkSpec], Callable[[int, int, int], nn.Module]]
"""From the network's spec to what makes a block of (in_channels, channels, embedding)."""
