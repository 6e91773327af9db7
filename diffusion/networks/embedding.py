"""What a denoiser is told beside the picture: the diffusion step, and a class."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

STEPS = 1000
"""What time 1 counts as: the steps of DDPM, for which these waves were made."""
SLOWEST = 1e-4
"""The rate of the slowest wave [1/step]."""


class Condition(nn.Module):
    """Diffusion time, and class where there are classes, as one vector (n, width).

    Sines and cosines of the time (Vaswani et al. 2017; Ho et al. 2020), two linear layers; a learned vector for every
    class and one for "no class" (Ho & Salimans 2022).
    """

    def __init__(self, width: int, classes: int | None) -> None:
        super().__init__()
        self.width, self.classes = width, classes
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        self.of_class = nn.Embedding(classes + 1, width) if classes is not None else None

    def forward(self, t: Tensor, label: Tensor | None = None) -> Tensor:
        """(n, width) of t (n,) in [0, 1] and label (n,), `classes` standing for no class."""
        waves = nn.functional.silu(self.first(time_waves(t, self.width)))
        if self.of_class is not None:
            assert self.classes is not None
            if label is None:
                label = torch.full((len(t),), self.classes, device=t.device)
            waves = waves + self.of_class(label)
        return nn.functional.silu(self.second(waves))


def time_waves(t: Tensor, width: int) -> Tensor:
    """Sines and cosines (n, width) of times (n,) in [0, 1], rates in geometric sequence (Ho et al. 2020)."""
    half = (width + 1) // 2
    rates = torch.logspace(0.0, math.log10(SLOWEST), half, device=t.device)
    angles = STEPS * t[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)[:, :width]
