"""What drives a second-order block: the acceleration f(z, v, t)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Acceleration(nn.Module):
    """f(z, v, t) = K * silu(N(z, v) (1 + scale) + shift + t drift)

    N is a group norm and K a convolution of 3 x 3, over positions and velocities alike; scale and shift belong to the
    diffusion step (Calvo-Ordonez et al. 2023, arXiv 2310.20092: convolutions, group norm, scale and shift by the
    embedding). K starts at zero: what moves goes on as it is.
    """

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, 2 * channels)
        self.drift = nn.Parameter(torch.zeros(2 * channels, 1, 1))
        self.kernel = nn.Conv2d(2 * channels, channels, 3, padding=1)
        nn.init.zeros_(self.kernel.weight)
        assert self.kernel.bias is not None
        nn.init.zeros_(self.kernel.bias)

    def forward(self, t: Tensor | float, state: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        """(n, channels, rows, columns) at time t, without dimensions, of the state (n, 2 channels, rows, columns);
        scale and shift (n, 2 channels, 1, 1)."""
        inner = torch.addcmul(shift + t * self.drift, self.norm(state), 1 + scale)
        return self.kernel(functional.silu(inner))
