"""What a sampler is: how it marches from noise to a picture, what it costs and when to take it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor


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


Denoised = Callable[[Tensor, Point], Tensor]
"""denoised(x, point): the network's estimate of x0 at a point, clipped where that is wanted; never asked at t = 0."""

March = Callable[[Denoised, Tensor, Sequence[Point], Callable[[], Tensor], float], Iterator[Tensor]]
"""march(denoised, x, points, noise, eta) yields the state at points[1], points[2], ..., beginning with x at points[0].

`noise()` gives fresh normal numbers of x's shape; eta is the share of DDPM's noise, where the sampler has one.
"""


@dataclass(frozen=True)
class Sampler:
    """A way to draw samples, registered by name.

    `evaluations` of the network per step (the last step to t = 0 always takes one), `order` of convergence of a
    deterministic one to the flow of the network's ODE (0: random, it has none), whether x0 is clipped unless one says
    otherwise, and the grid of times it takes by default.
    """

    name: str
    march: March
    evaluations: int
    order: int
    clip: bool
    grid: str
    when: str
    paper: str

    def cost(self, steps: int) -> int:
        """Evaluations of the network for `steps` steps that end at t = 0."""
        return self.evaluations * (steps - 1) + 1
