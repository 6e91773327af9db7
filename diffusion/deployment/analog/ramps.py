"""The ramp: a voltage u from 0 to 1 of its full scale stands for the angle of the diffusion.

With alpha = cos(phi), sigma = sin(phi), the picture and the noise span a plane in which x turns from phi = pi/2, noise,
to 0, the picture (Salimans and Ho 2022, arXiv 2202.00512, appendix D). A ramp is a choice of phi(u).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ....devices.errors import InputError, did_you_mean
from ...process import Schedule
from ...process.grids import LOWEST


@dataclass(frozen=True)
class Ramp:
    """Functions of u in [0, 1], any shape, in double precision.

    `phi(u)` [rad] falls; `fall(u)` is -dphi/du; `t(u)` is the diffusion time the network is told.
    """

    name: str
    phi: Callable[[Tensor], Tensor]
    fall: Callable[[Tensor], Tensor]
    t: Callable[[Tensor], Tensor]


def by_angle(schedule: Schedule) -> Ramp:
    """phi falls evenly to 0, where the picture is."""
    start = _angle(schedule, torch.ones((), dtype=torch.float64)).item()

    def phi(u: Tensor) -> Tensor:
        return start * (1.0 - u)

    def fall(u: Tensor) -> Tensor:
        return torch.full_like(u, start)

    return Ramp("angle", phi, fall, lambda u: _time(schedule, phi(u)))


def by_log_snr(schedule: Schedule) -> Ramp:
    """lambda = log(alpha/sigma) rises evenly from -4 (which stands for t = 1, process/grids.py) to that of t = 1/T.

    dphi = -sin(phi) cos(phi) dlambda takes away every 1/alpha and 1/sigma of the predictions of eps and x0.
    """
    ends = schedule.log_snr(torch.tensor([1.0, 1 / schedule.steps], dtype=torch.float64))
    first, last = 0.5 * max(ends[0].item(), LOWEST), 0.5 * ends[1].item()

    def phi(u: Tensor) -> Tensor:
        return torch.atan(torch.exp(-(first + (last - first) * u)))

    def fall(u: Tensor) -> Tensor:
        return 0.5 * (last - first) * torch.sin(2 * phi(u))

    return Ramp("log-snr", phi, fall, lambda u: _time(schedule, phi(u)))


def by_time(schedule: Schedule) -> Ramp:
    """The diffusion time falls evenly from 1 to 1/T, as in Yang et al. (arXiv 2404.05648)."""
    last = 1 / schedule.steps

    def t(u: Tensor) -> Tensor:
        return 1.0 - (1.0 - last) * u

    def fall(u: Tensor) -> Tensor:
        """alpha = exp(L/2) = cos(phi), so dphi/dt = -alpha L'/(2 sigma)."""
        times = t(u).detach().requires_grad_(True)
        with torch.enable_grad():
            logs = schedule.log_alpha_squared(times)
            (slope,) = torch.autograd.grad(logs.sum(), times)
        times = times.detach()
        return -(1.0 - last) * slope * schedule.alpha(times) / (2 * schedule.sigma(times))

    return Ramp("time", lambda u: _angle(schedule, t(u)), fall, t)


RAMPS: dict[str, Callable[[Schedule], Ramp]] = {"angle": by_angle, "log-snr": by_log_snr, "time": by_time}
"""The ramps by name."""


def find_ramp(name: str, schedule: Schedule) -> Ramp:
    """The ramp of this name. Raises InputError when there is none."""
    if name not in RAMPS:
        raise InputError("ramp", name, f"one of {', '.join(RAMPS)}", did_you_mean(name, RAMPS))
    return RAMPS[name](schedule)


def _angle(schedule: Schedule, t: Tensor) -> Tensor:
    return torch.atan2(schedule.sigma(t), schedule.alpha(t))


def _time(schedule: Schedule, phi: Tensor) -> Tensor:
    """The t of an angle; angles beyond that of t = 1 are it."""
    log_snr = -2.0 * torch.log(torch.tan(phi.clamp(min=1e-12, max=math.pi / 2)))
    lowest = schedule.log_snr(1.0).item()
    return schedule.time_of(log_snr.clamp(min=lowest))
