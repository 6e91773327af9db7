"""At which times a sampler of few steps looks: from t = 1 down to 0."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...devices.errors import InputError, did_you_mean
from .schedule import Schedule

LOWEST = -8.0
"""Below this log-SNR a picture is less than a fiftieth of the noise, and its estimate hardly changes: one step does."""


def uniform_in_time(schedule: Schedule, steps: int) -> Tensor:
    """Evenly spaced t. With `steps` = T these are DDPM's own."""
    return torch.arange(steps, -1, -1, dtype=torch.float64) / steps


def uniform_in_log_snr(schedule: Schedule, steps: int) -> Tensor:
    """t = 1, then log-SNRs evenly spaced from -8 (which t = 1 stands for) to that of DDPM's first step 1/T, then 0.

    After Lu et al. 2022 (arXiv 2206.00927, section 3), who begin at log_snr(1): on the cosine schedule that is -20, and
    a third of the steps would do nothing (docs/process.md has the comparison).
    """
    first, last = schedule.log_snr(torch.tensor([1.0, 1 / schedule.steps], dtype=torch.float64)).tolist()
    times = schedule.time_of(torch.linspace(max(first, LOWEST), last, steps, dtype=torch.float64))
    return torch.cat([torch.ones(1, dtype=torch.float64), times[1:], torch.zeros(1, dtype=torch.float64)])


GRIDS: dict[str, Callable[[Schedule, int], Tensor]] = {"time": uniform_in_time, "log-snr": uniform_in_log_snr}
"""The grids by name: each gives `steps` + 1 falling times, the first 1, the last 0."""


def time_grid(name: str, schedule: Schedule, steps: int) -> Tensor:
    """The times (steps + 1,) of a grid. Raises InputError for an unknown name or less than one step."""
    if name not in GRIDS:
        raise InputError("grid", name, f"one of {', '.join(GRIDS)}", did_you_mean(name, GRIDS))
    if steps < 1:
        raise InputError("steps", steps, "at least one step")
    return GRIDS[name](schedule, steps)
