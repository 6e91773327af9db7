"""Samples from a trained denoiser."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import torch
from torch import Tensor

from ...devices.errors import CellnnError, InputError
from .grids import time_grid
from .guidance import guided
from .loss import Denoise
from .noise import SampleNoise
from .predictions import Prediction, check_prediction, to_x0
from .samplers import Point, Sampler, find_sampler
from .schedule import Schedule


class SamplingError(CellnnError):
    """A sampling run failed: its numbers are no longer finite."""


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
    clip: bool | None = None,
    grid: str | None = None,
    batch: int | None = None,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
    callback: Callable[[int, int], None] | None = None,
    path: list[Tensor] | None = None,
) -> Tensor:
    """Samples of `shape` (n, channels, rows, columns), on the CPU.

    Sample k (from `first`) of `seed` has noise of its own: it is the same picture whatever n and `batch` are. With a
    `generator` the seed is drawn from it. `label` (n,) asks for classes, with `guidance` (1: none; otherwise `classes`,
    the label of no class, is needed: by default `denoise.classes`). `eta` is DDIM's (0 unless given), `clip` limits
    each estimated x0 to [-1, 1] (for pictures, not for latents; None: as the sampler has it) and `grid` names the times
    (grids.py). The network is asked for `batch` samples at a time, on `device` (None: where its parameters are).
    `callback(done, total)` is called after each step, and a list given as `path` receives the `steps` + 1 states, from
    noise to picture.

    Raises InputError for arguments at fault, and SamplingError when numbers stop being finite.
    """
    method = find_sampler(sampler)
    check_prediction(prediction)
    _check(shape, method, eta, batch, guidance)
    if classes is None:
        classes = getattr(denoise, "classes", None)
    _check_labels(label, shape[0], classes)
    device = _device(denoise) if device is None else torch.device(device)
    if guidance != 1.0:
        if label is None or classes is None:
            raise InputError("guidance", guidance, "1, as there are no classes", "guidance wants labels")
        denoise = guided(denoise, guidance, classes)
    if generator is not None:
        seed = int(torch.randint(2**62, (), generator=generator))
    points = points_of(schedule, time_grid(grid or method.grid, schedule, steps))
    clip = method.clip if clip is None else clip

    n = shape[0]
    starts = range(0, n, batch or n)
    done: list[list[Tensor]] = []
    with torch.no_grad():
        for number, start in enumerate(starts):
            count = min(starts.step, n - start)
            noise = SampleNoise(seed, first + start, count, shape[1:], double=dtype == torch.float64)
            labels = None if label is None else label[start : start + count].to(device)
            denoised = _denoised(denoise, prediction, labels, clip)
            kept: list[Tensor] = []
            for step, state in enumerate(_march(method, denoised, points, noise, eta or 0.0, device, dtype)):
                kept = [*(kept if path is not None else []), state.cpu()]
                if callback is not None and step > 0:
                    callback(number * steps + step, len(starts) * steps)
            done.append(kept)
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
    points: Sequence[Point],
    noise: SampleNoise,
    eta: float,
    device: torch.device,
    dtype: torch.dtype,
) -> Iterator[Tensor]:
    """The states at all points, the start noise first."""

    def fresh() -> Tensor:
        return noise().to(device=device, dtype=dtype)

    start = fresh()
    states = chain([start], method.march(denoised, start, points, fresh, eta))
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


def _check(shape: Sequence[int], method: Sampler, eta: float | None, batch: int | None, guidance: float) -> None:
    if len(shape) < 2 or min(shape) < 1:
        raise InputError("shape", tuple(shape), "samples x channels x rows x columns, each at least 1")
    if batch is not None and batch < 1:
        raise InputError("batch", batch, "at least one sample at a time")
    if eta is not None and not 0.0 <= eta <= 1.0:
        raise InputError("eta", eta, "a number from 0 to 1")
    if eta is not None and method.name != "ddim":
        raise InputError("eta", eta, f"no eta with {method.name}", "only ddim has one")
    if not math.isfinite(guidance):
        raise InputError("guidance", guidance, "a finite number")


def _check_labels(label: Tensor | None, n: int, classes: int | None) -> None:
    if label is None:
        return
    if label.shape != (n,):
        raise InputError("label", tuple(label.shape), f"one label for each of the {n} samples")
    if classes is not None and not bool(((label >= 0) & (label <= classes)).all()):
        wrong = int(label[(label < 0) | (label > classes)][0])
        raise InputError("label", wrong, f"labels from 0 to {classes}", f"{classes} is no class")


def _device(denoise: Denoise) -> torch.device:
    parameters = denoise.parameters() if isinstance(denoise, torch.nn.Module) else iter(())
    first = next(parameters, None)
    return torch.device("cpu") if first is None else first.device
