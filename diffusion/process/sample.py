"""Samples from a trained denoiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import torch
from torch import Tensor

from ...devices.errors import InputError
from .checks import check, check_labels, check_start, tolerances
from .failures import SamplingError
from .grids import time_grid
from .guidance import guided
from .loss import Denoise
from .noise import SampleNoise
from .predictions import Prediction, check_prediction, to_x0
from .samplers import Context, Point, Sampler, find_sampler
from .schedule import Schedule


def sample(
    denoise: Denoise,
    schedule: Schedule,
    prediction: Prediction,
    shape: Sequence[int],
    *,
    sampler: str = "dpm-solver++",
    steps: int = 20,
    seed: int = 0,
    first: int = 0,
    generator: torch.Generator | None = None,
    label: Tensor | None = None,
    guidance: float = 1.0,
    classes: int | None = None,
    eta: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    clip: bool | None = None,
    noisy: Tensor | None = None,
    time: float = 1.0,
    grid: str | None = None,
    batch: int | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
    callback: Callable[[int, int], None] | None = None,
    path: list[Tensor] | None = None,
    evaluations: list[int] | None = None,
) -> Tensor:
    """Samples of `shape` (n, channels, rows, columns), on the CPU.

    Sample k (from `first`) of `seed` has noise of its own: it is the same picture whatever n and `batch` are. With a
    `generator` the seed is drawn from it. `label` (n,) asks for classes, with `guidance` (1: none; otherwise `classes`,
    the label of no class, is needed: by default `denoise.classes`). `eta` is DDIM's (0 unless given), `rtol` and `atol`
    probability-flow's (samplers/sampler.py has what they are unless given), `clip` limits each estimated x0 to [-1, 1]
    (for pictures, not for latents; None: as the sampler has it) and `grid` names the times (grids.py). The network is
    asked for `batch` samples at a time, on `device` (None: where its parameters are).

    With `noisy` (of `shape`), states at the diffusion time `time`, the march begins from these in place of noise.

    `callback(done, total)` is called after each step; a list given as `path` receives the `steps` + 1 states, from
    noise to picture, and one given as `evaluations` how many pictures the network was given for each sample, counted
    (guidance asks with and without the class: two).

    Raises InputError for arguments at fault, and SamplingError when numbers stop being finite.
    """
    method = find_sampler(sampler)
    check_prediction(prediction)
    check(shape, method, eta, batch, guidance)
    context = Context(schedule, eta or 0.0, *tolerances(method, rtol, atol))
    check_start(noisy, shape, time)
    if classes is None:
        classes = getattr(denoise, "classes", None)
    check_labels(label, shape[0], classes)
    device = _device(denoise) if device is None else torch.device(device)
    if guidance != 1.0:
        if label is None or classes is None:
            raise InputError("guidance", guidance, "1, as there are no classes", "guidance wants labels")
    asked = _Counted(denoise)
    answers = asked if guidance == 1.0 or classes is None else guided(asked, guidance, classes)
    if generator is not None:
        seed = int(torch.randint(2**62, (), generator=generator))
    points = points_of(schedule, time_grid(grid or method.grid, schedule, steps, time))
    clip = method.clip if clip is None else clip

    n = shape[0]
    starts = range(0, n, batch or n)
    done: list[list[Tensor]] = []
    with torch.no_grad():
        for number, start in enumerate(starts):
            count = min(starts.step, n - start)
            noise = SampleNoise(seed, first + start, count, shape[1:], double=dtype == torch.float64)
            labels = None if label is None else label[start : start + count].to(device)
            denoised = _denoised(answers, prediction, labels, clip)
            before = asked.pictures
            begin = noise() if noisy is None else noisy[start : start + count].cpu()
            kept: list[Tensor] = []
            for step, state in enumerate(_march(method, denoised, begin, points, noise, context, device, dtype)):
                kept = [*(kept if path is not None else []), state.cpu()]
                if callback is not None and step > 0:
                    callback(number * steps + step, len(starts) * steps)
            done.append(kept)
            if evaluations is not None:
                evaluations += [(asked.pictures - before) // count] * count
    if path is not None:
        path.extend(torch.cat(states) for states in zip(*done, strict=True))
    return torch.cat([states[-1] for states in done])


def points_of(schedule: Schedule, times: Tensor) -> list[Point]:
    """Times with the schedule's values, as samplers take them."""
    values = (times.tolist(), schedule.alpha(times).tolist(), schedule.sigma(times).tolist())
    return [Point(t, alpha, sigma) for t, alpha, sigma in zip(*values, strict=True)]


def _march(
    method: Sampler,
    denoised: Callable[[Tensor, Point], Tensor],
    begin: Tensor,
    points: Sequence[Point],
    noise: SampleNoise,
    context: Context,
    device: torch.device,
    dtype: torch.dtype,
) -> Iterator[Tensor]:
    """The states at all points, `begin` first."""

    def fresh() -> Tensor:
        return noise().to(device=device, dtype=dtype)

    start = begin.to(device=device, dtype=dtype)
    states = chain([start], method.march(denoised, start, points, fresh, context))
    for point, state in zip(points, states, strict=True):
        if not bool(torch.isfinite(state).all()):
            raise SamplingError(
                f"sampling with {method.name} ended at diffusion time {point.t:.4g}: a state is no longer finite; "
                "the network's answers are too large or not finite"
            )
        yield state


def _denoised(
    denoise: Denoise, prediction: Prediction, label: Tensor | None, clip: bool
) -> Callable[[Tensor, Point], Tensor]:
    """The estimate of x0 that the network's prediction stands for."""

    def estimate(x: Tensor, point: Point) -> Tensor:
        t = torch.full(x.shape[:1], point.t, device=x.device, dtype=x.dtype)
        x0 = to_x0(prediction, denoise(x, t, label), x, point.alpha, point.sigma)
        return x0.clamp(-1.0, 1.0) if clip else x0

    return estimate


class _Counted:
    """A denoise function that counts the pictures it is given."""

    def __init__(self, denoise: Denoise) -> None:
        self._denoise, self.pictures = denoise, 0

    def __call__(self, x: Tensor, t: Tensor, label: Tensor | None) -> Tensor:
        self.pictures += len(x)
        return self._denoise(x, t, label)


def _device(denoise: Denoise) -> torch.device:
    parameters = denoise.parameters() if isinstance(denoise, torch.nn.Module) else iter(())
    first = next(parameters, None)
    return torch.device("cpu") if first is None else first.device
