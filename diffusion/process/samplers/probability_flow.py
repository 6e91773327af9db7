"""The probability-flow ODE (Song et al. 2021, arXiv 2011.13456), solved to a tolerance by torchdiffeq."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from torchdiffeq import odeint

from ..failures import SamplingError
from .sampler import Context, Denoised, Point, Sampler

FIRST_STEP, LONGEST_STEP = 0.5, 2.0
"""Of lambda. A solver's own guess of the first would look at lambda in the hundreds, as nothing changes at t = 1, and
over much longer steps both its solutions are wrong alike."""
MOST_STEPS = 1000
"""Accepted and refused steps between two points, after which a solution is given up."""


def march(
    denoised: Denoised, x: Tensor, points: Sequence[Point], noise: Callable[[], Tensor], context: Context
) -> Iterator[Tensor]:
    """dx/dlambda = alpha (x0 - alpha x) in lambda = log(alpha/sigma), by Dormand and Prince's 5(4) pair.

    This is equation 13, dx = (f - g^2 score/2) dt, with f = -sigma^2 x, g^2 = 2 sigma^2 for the time -lambda and the
    score (alpha x0 - x)/sigma^2: in lambda nothing is divided by a small number, and steps come out even. The points
    only say where the state is looked at. It is of double precision; the network sees it in x's.

    While alpha^2 is below a tenth of atol, the estimated x0 changes by about alpha, which moves the state by less than
    that: there one step takes it as constant (the cosine schedule begins at alpha = 1/20,000, far beyond).

    All samples of a batch take the same steps, which hold the error of each (its root mean square) within
    rtol |x| + atol: with others in its batch a sample differs by about the tolerance. Where the points end at t = 0
    the last state is the estimated x0 at DDPM's first step 1/T, as lambda = infinity is never reached.

    Raises SamplingError when the tolerance cannot be kept.
    """
    to_zero = points[-1].sigma == 0
    path = list(points[:-1] if to_zero else points)
    asked = len(path) - 1
    last = context.point(0.5 * context.schedule.log_snr(1 / context.schedule.steps).item())
    if to_zero and last.half_log_snr > path[-1].half_log_snr:
        path.append(last)

    nothing = 0.5 * math.log(0.1 * context.atol)  # log(alpha) = lambda, where there is so little of the picture
    state, early = x.double(), []
    if path[0].half_log_snr < nothing and len(path) > 1:
        x0 = denoised(x, path[0]).double()
        before = [point for point in path[1:] if point.half_log_snr < nothing]
        begin = context.point(min(nothing, path[-1].half_log_snr))
        early = [_at_constant(x0, state, path[0], there) for there in before]
        state = _at_constant(x0, state, path[0], begin)
        path = [begin, *path[1 + len(before) :]]

    def slope(half_log_snr: Tensor, state: Tensor) -> Tensor:
        here = context.point(half_log_snr.item())
        return here.alpha * (denoised(state.to(x.dtype), here).to(state.dtype) - here.alpha * state)

    states = [state]
    if len(path) > 1:
        along = torch.tensor([point.half_log_snr for point in path], dtype=torch.float64, device=x.device)
        options = {
            "first_step": min(FIRST_STEP, (along[-1] - along[0]).item()),
            "max_step": LONGEST_STEP,
            "step_t": along[-1:],  # no stage looks beyond the end
            "max_num_steps": MOST_STEPS,
            "norm": _largest,
        }
        try:
            states = odeint(slope, state, along, rtol=context.rtol, atol=context.atol, method="dopri5", options=options)
        except AssertionError as error:  # what torchdiffeq raises
            raise SamplingError(
                f"probability-flow could not keep rtol {context.rtol:g}, atol {context.atol:g}: "
                f"{' '.join(str(error).split())[:80]}"
            ) from None
    yield from (state.to(x.dtype) for state in [*early, *states[1:]][:asked])
    if to_zero:
        yield denoised(states[-1].to(x.dtype), path[-1])


def _at_constant(x0: Tensor, x: Tensor, here: Point, there: Point) -> Tensor:
    """The flow from one point to another at a constant estimate of x0."""
    kept = there.sigma / here.sigma
    return kept * x + (there.alpha - here.alpha * kept) * x0


def _largest(scaled: Tensor) -> Tensor:
    """The root mean square of the sample (n, ...) where it is largest."""
    return scaled.flatten(1).square().mean(1).sqrt().max()


PROBABILITY_FLOW = Sampler(
    name="probability-flow",
    march=march,
    evaluations=None,
    order=5,
    clip=False,
    grid="log-snr",
    when="the flow itself, to a tolerance: as many evaluations as that takes, whatever the steps",
    paper="Song, Sohl-Dickstein, Kingma, Kumar, Ermon, Poole, ICLR 2021, arXiv 2011.13456, equation 13",
)
