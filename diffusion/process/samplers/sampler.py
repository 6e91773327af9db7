"""What a sampler is: how it marches from noise to a picture, what it costs and when to take it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from ....devices.errors import InputError
from ..schedule import Schedule

RTOL, ATOL = 1e-3, 1e-3
"""Tolerances unless one says otherwise (docs/process.md has what others cost and change)."""


@dataclass(frozen=True)
class Point:
    """A time of the march with the schedule's values there, in double precision."""

    t: float
    alpha: float
    sigma: float

    @property
    def half_log_snr(self) -> float:
        """lambda = log(alpha/sigma); infinite at t = 0."""
        return math.inf if self.sigma == 0 else math.log(self.alpha / self.sigma)


@dataclass(frozen=True)
class Context:
    """What a march may want beside its points: the schedule at any time, and the settings of single samplers.

    `eta` is ddim's share of DDPM's noise; `rtol` and `atol` are the tolerances of a solver that chooses its own steps.
    """

    schedule: Schedule
    eta: float = 0.0
    rtol: float = RTOL
    atol: float = ATOL

    def point(self, half_log_snr: float) -> Point:
        """The point where log(alpha/sigma) has this value."""
        alpha, sigma = (1 / math.sqrt(1 + math.exp(sign * 2 * half_log_snr)) for sign in (-1, 1))
        return Point(self.schedule.time_at(2 * half_log_snr), alpha, sigma)


Denoised = Callable[[Tensor, Point], Tensor]
"""denoised(x, point): the network's estimate of x0 at a point, clipped where that is wanted; never asked at t = 0."""

March = Callable[[Denoised, Tensor, Sequence[Point], Callable[[], Tensor], Context], Iterator[Tensor]]
"""march(denoised, x, points, noise, context) yields the state at points[1], points[2], ..., from x at points[0] on.

`noise()` gives fresh normal numbers of x's shape.
"""


@dataclass(frozen=True)
class Sampler:
    """A way to draw samples, registered by name.

    `evaluations` of the network per step (the last step to t = 0 always takes one; None: it takes steps of its own, as
    many as its tolerances want), `order` of convergence of a deterministic one to the flow of the network's ODE (0:
    random, it has none), whether x0 is clipped unless one says otherwise, and the grid of times it takes by default.
    """

    name: str
    march: March
    evaluations: int | None
    order: int
    clip: bool
    grid: str
    when: str
    paper: str

    def cost(self, steps: int) -> int:
        """Evaluations of the network for `steps` steps to t = 0. Raises InputError where only a run can say."""
        if self.evaluations is None:
            raise InputError("sampler", self.name, "a sampler of fixed steps", "this one takes as many as it needs")
        return self.evaluations * (steps - 1) + 1
