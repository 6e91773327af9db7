"""Noise levels: the standard deviation sigma of the noise in x = alpha x0 + sigma eps, alpha^2 + sigma^2 = 1."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from ...devices.errors import InputError
from ..process import SampleNoise, Schedule, noised
from ..training.streams import stream_seed


def check_levels(levels: Iterable[float], schedule: Schedule) -> tuple[float, ...]:
    """The levels, rising. Raises InputError for none, for two alike, and for what the process does not reach."""
    found = tuple(sorted(levels))
    highest = schedule.sigma(1.0).item()
    for level in found:
        if not 0.0 < level <= highest:  # NaN is refused too
            raise InputError("levels", level, f"noise levels sigma above 0 and at most {highest:.6g}")
    if not found or len(set(found)) < len(found):
        raise InputError("levels", found, "one noise level or more, each once")
    return found


def time_of_level(schedule: Schedule, level: float) -> float:
    """The diffusion time t at which the process has this sigma."""
    log_snr = math.log1p(-(level**2)) - 2 * math.log(level) if level < 1.0 else -math.inf
    return schedule.time_at(max(log_snr, schedule.log_snr(1.0).item()))


def add_noise(pictures: Tensor, schedule: Schedule, time: float, seed: int) -> Tensor:
    """Pictures (n, channels, rows, columns) at a diffusion time. Picture k has noise of its own, whatever n is, and the
    same at every time: levels are compared by how much of it there is."""
    noise = SampleNoise(stream_seed(seed, "noise of restoration"), 0, len(pictures), pictures.shape[1:])()
    return noised(pictures, noise, *(value.to(torch.float32) for value in _at(schedule, time)))


def _at(schedule: Schedule, time: float) -> tuple[Tensor, Tensor]:
    return schedule.alpha(time).reshape(1), schedule.sigma(time).reshape(1)
