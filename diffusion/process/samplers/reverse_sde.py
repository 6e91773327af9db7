"""The reverse-time SDE (Anderson 1982; Song et al. 2021, arXiv 2011.13456) by Euler and Maruyama's method."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from ..grids import LOWEST
from .sampler import Context, Denoised, Point, Sampler


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """dx = (2 alpha x0 - (1 + alpha^2) x) dlambda + sqrt(2) sigma dw in lambda = log(alpha/sigma).

    This is equation 6, dx = (f - g^2 score) dt + g dw, with f = -sigma^2 x, g^2 = 2 sigma^2 for the time -lambda and
    the score (alpha x0 - x)/sigma^2. Steps of lambda longer than 1 are not stable. Below a log-SNR of -8, where a
    picture is less than a fiftieth of the noise, the state stays as it is. The step to t = 0, where lambda is infinite,
    gives the estimated x0 and adds no noise.
    """
    lowest = 0.5 * LOWEST
    here = points[0]
    for there in points[1:]:
        if there.half_log_snr > lowest:
            if here.half_log_snr < lowest:
                here = context.point(lowest)
            x0 = denoised(x, here)
            if there.sigma == 0:
                x = x0
            else:
                step = there.half_log_snr - here.half_log_snr
                drift = 2 * here.alpha * x0 - (1 + here.alpha**2) * x
                x = x + step * drift + (math.sqrt(2 * step) * here.sigma) * noise()
            here = there
        yield x


REVERSE_SDE = Sampler(
    name="reverse-sde",
    march=march,
    evaluations=1,
    order=0,
    clip=False,
    grid="log-snr",
    when="the SDE beside its flow: hundreds of steps; the noise of each step mends errors of the ones before",
    paper="Song, Sohl-Dickstein, Kingma, Kumar, Ermon, Poole, ICLR 2021, arXiv 2011.13456, equation 6",
)
