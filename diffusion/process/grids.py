"""At which times a sampler of few steps looks: from t = 1 down to 0."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...devices.errors import InputError, did_you_mean
from .schedule import Schedule

RHO = 7.0
"""Karras et al. 2022 (arXiv 2206.00364), equation 5."""


def uniform_in_time(schedule: Schedule, steps: int) -> Tensor:
    """Evenly spaced t. With `steps` = T these are DDPM's own."""
    return torch.arange(steps, -1, -1, dtype=torch.float64) / steps


def uniform_in_log_snr(schedule: Schedule, steps: int) -> Tensor:
    """Evenly spaced log-SNR from t = 1 to DDPM's first step 1/T, then 0 (Lu et al. 2022, arXiv 2206.00927)."""
    ends = torch.tensor([1.0, 1 / schedule.steps], dtype=torch.float64)
    first, last = schedule.log_snr(ends).tolist()
    return _with_ends(schedule.time_of(torch.linspace(first, last, steps, dtype=torch.float64)))


def karras(schedule: Schedule, steps: int) -> Tensor:
    """(sigma/alpha)^(1/7) evenly spaced from t = 1 to 1/T, then 0 (Karras et al. 2022, equation 5)."""
    first, last = torch.exp(
        -0.5 * schedule.log_snr(torch.tensor([1.0, 1 / schedule.steps], dtype=torch.float64))
    ).tolist()
    ratio = torch.linspace(first ** (1 / RHO), last ** (1 / RHO), steps, dtype=torch.float64) ** RHO
    return _with_ends(schedule.time_of(-2 * torch.log(ratio)))


def _with_ends(times: Tensor) -> Tensor:
    """The same times, the first exactly 1, and 0 after the last."""
    return torch.cat([torch.ones(1, dtype=torch.float64), times[1:], torch.zeros(1, dtype=torch.float64)])


GRIDS: dict[str, Callable[[Schedule, int], Tensor]] = {
    "time": uniform_in_time,
    "log-snr": uniform_in_log_snr,
    "karras": karras,
}
"""The grids by name: each gives `steps` + 1 falling times, the first 1, the last 0."""


def time_grid(name: str, schedule: Schedule, steps: int) -> Tensor:
    """The times (steps + 1,) of a grid. Raises InputError for an unknown name or less than one step."""
    if name not in GRIDS:
        raise InputError("grid", name, f"one of {', '.join(GRIDS)}", did_you_mean(name, GRIDS))
    if steps < 1:
        raise InputError("steps", steps, "at least one step")
    return GRIDS[name](schedule, steps)
