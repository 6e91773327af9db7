"""Heun's method on the probability-flow ODE (Karras et al. 2022, arXiv 2206.00364)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from .sampler import Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], eta: float
) -> Iterator[Tensor]:
    """dy/dr = (y - x0)/r with y = x/alpha and r = sigma/alpha: a step to r' and the mean of both slopes (algorithm 1).

    In these variables the flow is the same for every variance-preserving schedule, and straight where x0 is. The step
    to r = 0, where the slope is not defined, is Euler's.
    """
    for here, there in zip(points, points[1:], strict=False):
        y = x / here.alpha
        slope = (y - denoised(x, here)) / here.ratio
        change = there.ratio - here.ratio
        ahead = y + change * slope
        if there.sigma > 0:
            slope_ahead = (ahead - denoised(there.alpha * ahead, there)) / there.ratio
            ahead = y + change * 0.5 * (slope + slope_ahead)
        x = there.alpha * ahead
        yield x


HEUN = Sampler(
    name="heun",
    march=march,
    evaluations=2,
    order=2,
    clip=False,
    grid="karras",
    when="a check of another second-order solver: 20 to 50 steps, no memory of the step before",
    paper="Karras, Aittala, Aila, Laine, NeurIPS 2022, arXiv 2206.00364",
)
