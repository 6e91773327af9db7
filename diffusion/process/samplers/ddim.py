"""DDIM (Song, Meng, Ermon 2021, arXiv 2010.02502)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from .sampler import Context, Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """x_s = alpha_s x0 + sqrt(sigma_s^2 - c^2) eps + c z, c = eta times DDPM's deviation (equations 12, 16)."""
    for here, there in zip(points, points[1:], strict=False):
        x0 = denoised(x, here)
        eps = (x - here.alpha * x0) / here.sigma
        beta = here.sigma**2 - (here.alpha / there.alpha * there.sigma) ** 2
        fresh = context.eta * math.sqrt(beta) * there.sigma / here.sigma
        x = there.alpha * x0 + math.sqrt(max(there.sigma**2 - fresh**2, 0.0)) * eps
        if fresh > 0:
            x = x + fresh * noise()
        yield x


DDIM = Sampler(
    name="ddim",
    march=march,
    evaluations=1,
    order=1,
    clip=False,
    grid="time",
    when="20 to 100 steps; the same noise gives the same picture; eta 0..1 brings in DDPM's noise",
    paper="Song, Meng, Ermon, ICLR 2021, arXiv 2010.02502",
)
