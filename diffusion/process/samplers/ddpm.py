"""Ancestral sampling (Ho, Jain, Abbeel 2020, arXiv 2006.11239), over all steps or any subset of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from .sampler import Context, Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """Draws from the posterior q(x_s | x_t, x0) at the estimated x0 (equations 6 and 7).

    A step from t to s is one step of a DDPM with alpha_s/alpha_t between neighbours, whatever lies between; the
    variance is the posterior's, beta-tilde.
    """
    for here, there in zip(points, points[1:], strict=False):
        kept = here.alpha / there.alpha
        beta = here.sigma**2 - (kept * there.sigma) ** 2  # = 1 - kept^2, without its cancellation at small t
        x0 = denoised(x, here)
        x = (there.alpha * beta / here.sigma**2) * x0 + (kept * (there.sigma / here.sigma) ** 2) * x
        if there.sigma > 0:
            x = x + math.sqrt(beta) * (there.sigma / here.sigma) * noise()
        yield x


DDPM = Sampler(
    name="ddpm",
    march=march,
    evaluations=1,
    order=0,
    clip=True,
    grid="time",
    when="the reference: hundreds of steps, random, forgives a network's errors",
    paper="Ho, Jain, Abbeel, NeurIPS 2020, arXiv 2006.11239",
)
