"""Heun's method on the probability-flow ODE (Karras et al. 2022, arXiv 2206.00364), in its variance-preserving form."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from .sampler import Context, Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """dx/dphi = v with alpha = cos(phi), sigma = sin(phi) (Salimans and Ho 2022, appendix D): a step ahead, then
    one by the mean of both slopes (Karras et al., algorithm 1).

    The angle phi, and not Karras' variable sigma/alpha: that reaches 20,000 on the cosine schedule, where few steps of
    it throw the state out of all bounds, while v is never much larger than noise and picture. The step ahead turns
    x by the angle (DDIM), which gives the estimated x0 at t = 0, where v is not defined.
    """
    for here, there in zip(points, points[1:], strict=False):
        turn = math.atan2(there.sigma, there.alpha) - math.atan2(here.sigma, here.alpha)
        velocity = (here.alpha * x - denoised(x, here)) / here.sigma
        ahead = math.cos(turn) * x + math.sin(turn) * velocity
        if there.sigma > 0:
            velocity_ahead = (there.alpha * ahead - denoised(ahead, there)) / there.sigma
            ahead = x + turn * 0.5 * (velocity + velocity_ahead)
        x = ahead
        yield x


HEUN = Sampler(
    name="heun",
    march=march,
    evaluations=2,
    order=2,
    clip=False,
    grid="log-snr",
    when="a second opinion on dpm-solver++: of second order without memory of the step before, at twice the cost",
    paper="Karras, Aittala, Aila, Laine, NeurIPS 2022, arXiv 2206.00364; Salimans, Ho, ICLR 2022, arXiv 2202.00512",
)
