"""DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from .sampler import Context, Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """The two-step method in lambda = log(alpha/sigma), on the prediction of x0 (algorithm 2).

    The first step has no step before it and is of first order, and so is one to t = 0, where lambda is infinite:
    there it is the estimated x0 itself.
    """
    before: tuple[Tensor, float] | None = None  # the estimate at the point before, and the step that led here
    for here, there in zip(points, points[1:], strict=False):
        x0 = denoised(x, here)
        step = there.half_log_snr - here.half_log_snr
        slope_free = x0
        if before is not None and math.isfinite(step):
            weight = step / (2 * before[1])  # 1/(2r)
            slope_free = (1 + weight) * x0 - weight * before[0]
        x = (there.sigma / here.sigma) * x - (there.alpha * math.expm1(-step)) * slope_free
        before = (x0, step)
        yield x


DPM_SOLVER = Sampler(
    name="dpm-solver++",
    march=march,
    evaluations=1,
    order=2,
    clip=False,
    grid="log-snr",
    when="10 to 30 steps: the most exact for so few evaluations",
    paper="Lu, Zhou, Bao, Chen, Li, Zhu 2022, arXiv 2211.01095",
)
