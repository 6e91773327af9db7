"""What training minimises, and at which times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from ...devices.errors import InputError
from .predictions import Prediction, noised, target
from .schedule import Schedule

Weighting = Literal["plain", "min-snr"]
Denoise = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""denoise(x, t, label): x (n, channels, rows, columns), t (n,) in [0, 1], label (n,) whole numbers or None."""


def draw_times(n: int, steps: int, generator: torch.Generator) -> Tensor:
    """n times t = k/T, k = 1..T, in random order: (n,) double, on the CPU.

    Each k is uniform over 1..T, and the n of a batch are spread evenly over them, which lowers the variance of the
    batch's loss (the low-discrepancy sampler of Kingma et al. 2021, arXiv 2107.00630, appendix I.1).
    """
    offset = torch.rand(1, dtype=torch.float64, generator=generator)
    order = torch.randperm(n, generator=generator)
    spread = (order / n + offset) % 1.0
    return torch.floor(spread * steps).add(1).clamp(max=steps) / steps


def loss_weight(
    weighting: Weighting, prediction: Prediction, alpha: Tensor, sigma: Tensor, gamma: float = 5.0
) -> Tensor:
    """The factor (n,) of each sample's squared error.

    plain: 1. min-snr: min(SNR, gamma) in units of the error of x0 (Hang et al. 2023, arXiv 2303.09556, equation 6),
    which is min(SNR, gamma)/SNR of eps and min(SNR, gamma)/(SNR + 1) of v.
    """
    if weighting == "plain":
        return torch.ones_like(alpha)
    if weighting != "min-snr":
        raise InputError("weighting", weighting, "plain or min-snr")
    snr = (alpha / sigma) ** 2
    per_unit: dict[str, Tensor] = {"x0": torch.ones_like(snr), "eps": snr, "v": snr + 1}
    return torch.minimum(snr, torch.full_like(snr, gamma)) / per_unit[prediction]


def diffusion_loss(
    denoise: Denoise,
    schedule: Schedule,
    prediction: Prediction,
    x0: Tensor,
    eps: Tensor,
    t: Tensor,
    label: Tensor | None = None,
    weighting: Weighting = "plain",
) -> Tensor:
    """Each sample's weighted mean squared error of the prediction: (n,) (Ho et al. 2020, equation 14).

    x0 and eps are (n, channels, rows, columns), t is (n,) in (0, 1]; the mean over samples is the caller's.
    """
    alpha, sigma = schedule.alpha(t), schedule.sigma(t)
    x = noised(x0, eps, alpha, sigma)
    error = denoise(x, t.to(device=x.device, dtype=x.dtype), label) - target(prediction, x0, eps, alpha, sigma)
    weight = loss_weight(weighting, prediction, alpha, sigma).to(device=x.device, dtype=x.dtype)
    return weight * error.square().flatten(1).mean(1)
