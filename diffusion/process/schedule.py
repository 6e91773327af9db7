"""How much of the picture and how much noise there is at diffusion time t."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from ...devices.errors import InputError
from .tables import log_alpha_bar

HALVINGS = 60
"""Bisections of an interval of the table: below the resolution of double precision."""


def in_double(values: Tensor | float) -> Tensor:
    """A tensor in double precision; a number is not rounded to single on its way."""
    return values.double() if isinstance(values, Tensor) else torch.tensor(values, dtype=torch.float64)


@dataclass(frozen=True)
class Schedule:
    """A variance-preserving process x_t = alpha(t) x0 + sigma(t) eps, alpha^2 + sigma^2 = 1, for real t in [0, 1].

    `name` is linear (Ho et al. 2020) or cosine (Nichol and Dhariwal 2021), `steps` their T: at t_k = k/T the values are
    exactly DDPM's discrete ones, alpha(t_k)^2 = alpha_bar_k. Between them log alpha^2 is a monotone cubic with a
    continuous derivative (Fritsch and Carlson, SIAM J. Numer. Anal. 17, 238, 1980); t = 0 is the picture itself.

    Every method takes a tensor (or a number) and gives a tensor of its shape, on its device, in double precision.
    """

    name: str = "cosine"
    steps: int = 1000

    def __post_init__(self) -> None:
        log_alpha_bar(self.name, self.steps)  # refuses what is no schedule

    @cached_property
    def _table(self) -> Tensor:
        return torch.from_numpy(log_alpha_bar(self.name, self.steps))

    @cached_property
    def _cubics(self) -> Tensor:
        """Coefficients (4, T), highest power first, of log alpha^2 in t - t_k."""
        table = self._table.numpy()
        knots = torch.arange(self.steps + 1, dtype=torch.float64).numpy() / self.steps
        return torch.from_numpy(PchipInterpolator(knots, table).c.copy())

    def log_alpha_squared(self, t: Tensor | float) -> Tensor:
        """log alpha(t)^2, from 0 at t = 0 down. Raises InputError for a t outside [0, 1]."""
        t = in_double(t)
        if t.device.type == "cpu" and not bool(((t >= 0) & (t <= 1)).all()):  # elsewhere the check would stall it
            outside = t[~((t >= 0) & (t <= 1))][0].item()
            raise InputError("t", outside, "diffusion times from 0 to 1")
        interval = (t * self.steps).long().clamp(max=self.steps - 1)
        return self._cubic(interval, t - interval.double() / self.steps)

    def _cubic(self, interval: Tensor, rest: Tensor) -> Tensor:
        c = self._cubics.to(interval.device)[:, interval]
        return ((c[0] * rest + c[1]) * rest + c[2]) * rest + c[3]

    def alpha(self, t: Tensor | float) -> Tensor:
        """The picture's share, from 1 at t = 0 down."""
        return torch.exp(0.5 * self.log_alpha_squared(t))

    def sigma(self, t: Tensor | float) -> Tensor:
        """The noise's standard deviation, from 0 at t = 0 up; accurate however small."""
        return torch.sqrt(-torch.expm1(self.log_alpha_squared(t)))

    def log_snr(self, t: Tensor | float) -> Tensor:
        """log(alpha^2/sigma^2) [1], strictly falling from infinity at t = 0 (Kingma et al. 2021, arXiv 2107.00630)."""
        squared = self.log_alpha_squared(t)
        return squared - torch.log(-torch.expm1(squared))

    def time_of(self, log_snr: Tensor | float) -> Tensor:
        """The inverse of `log_snr`. Raises InputError below log_snr(1), which no t has."""
        wanted = torch.nn.functional.logsigmoid(in_double(log_snr))
        table = self._table.to(wanted.device)
        if not bool((wanted >= table[-1] - 1e-9).all()):  # rounding of log_snr(1) itself is let pass
            lowest = self.log_snr(1.0).item()
            raise InputError("log_snr", in_double(log_snr).min().item(), f"log-SNRs of at least {lowest:.6g}")
        interval = (torch.searchsorted(-table, -wanted) - 1).clamp(0, self.steps - 1)
        low = torch.zeros_like(wanted)
        high = torch.full_like(wanted, 1 / self.steps)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            above = self._cubic(interval, middle) > wanted
            low, high = torch.where(above, middle, low), torch.where(above, high, middle)
        return (interval.double() / self.steps + low).clamp(max=1.0)

    def time_at(self, log_snr: float) -> float:
        """`time_of` for one number: a hundredth of its cost, for solvers that ask again and again."""
        wanted = -math.log1p(math.exp(-log_snr)) if log_snr > 0 else log_snr - math.log1p(math.exp(log_snr))
        if wanted < self._falling[-1] - 1e-9:
            lowest = self.log_snr(1.0).item()
            raise InputError("log_snr", log_snr, f"log-SNRs of at least {lowest:.6g}")
        interval = min(max(bisect.bisect_left(self._falling, -wanted, key=lambda value: -value) - 1, 0), self.steps - 1)
        a, b, c, d = self._cubics[:, interval].tolist()
        low, high = 0.0, 1 / self.steps
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if ((a * middle + b) * middle + c) * middle + d > wanted:
                low = middle
            else:
                high = middle
        return min(interval / self.steps + low, 1.0)

    @cached_property
    def _falling(self) -> list[float]:
        return list(self._table.tolist())
