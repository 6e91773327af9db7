"""At which times a sampler of few steps looks: from t = 1, or an earlier start, down to 0."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ...devices.errors import InputError, did_you_mean
from .schedule import Schedule

LOWEST = -8.0
"""Below this log-SNR a picture is less than a fiftieth of the noise, and its estimate hardly changes: one step does."""


def uniform_in_time(schedule: Schedule, steps: int, start: float) -> Tensor:
    """Evenly spaced t. With `steps` = T and the start 1 these are DDPM's own."""
    return torch.arange(steps, -1, -1, dtype=torch.float64) / steps * start


def uniform_in_log_snr(schedule: Schedule, steps: int, start: float) -> Tensor:
    """The start, then log-SNRs evenly spaced from its own (at least -8, which t = 1 stands for) to that of DDPM's first
    step 1/T, then 0. A start before 1/T has evenly spaced t.

    After Lu et al. 2022 (arXiv 2206.00927, section 3), who begin at log_snr(1): on the cosine schedule that is -20, and
    a third of the steps would do nothing (docs/process.md has the comparison).
    """
    if start <= 1 / schedule.steps:
        return uniform_in_time(schedule, steps, start)
    first, last = schedule.log_snr(torch.tensor([start, 1 / schedule.steps], dtype=torch.float64)).tolist()
    times = schedule.time_of(torch.linspace(max(first, LOWEST), last, steps, dtype=torch.float64))
    return torch.cat([torch.tensor([start], dtype=torch.float64), times[1:], torch.zeros(1, dtype=torch.float64)])


GRIDS: dict[str, Callable[[Schedule, int, float], Tensor]] = {"time": uniform_in_time, "log-snr": uniform_in_log_snr}
"""The grids by name: each gives `steps` + 1 falling times, the first the start, the last 0."""


def time_grid(name: str, schedule: Schedule, steps: int, start: float = 1.0) -> Tensor:
    """The times (steps + 1,) of a grid. Raises InputError for an unknown name, less than one step, or a start that is
    not above 0 and at most 1."""
    if name not in GRIDS:
        raise InputError("grid", name, f"one of {', '.join(GRIDS)}", did_you_mean(name, GRIDS))
    if steps < 1:
        raise InputError("steps", steps, "at least one step")
    if not 0.0 < start <= 1.0:
        raise InputError("time", start, "a diffusion time above 0 and at most 1")
    return GRIDS[name](schedule, steps, start)
