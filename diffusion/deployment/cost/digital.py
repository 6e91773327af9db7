"""What stays digital: multiplications of a network, and how often a picture asks it."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ....devices.errors import InputError
from ...networks.watch import watched
from ...process import find_sampler, sample
from ...training.model import TrainedModel
from ..noised import Questions


@torch.no_grad()
def multiplications(network: nn.Module, q: Questions) -> dict[str, int]:
    """Multiplications and additions for one picture, by module: the convolutions and linear layers that `q` reaches."""
    found: dict[str, int] = {}
    linear = {name: part for name, part in network.named_modules() if isinstance(part, (nn.Conv2d, nn.Linear))}

    def count(name: str, _: object, output: Tensor) -> None:
        found[name] = found.get(name, 0) + linear[name].weight[0].numel() * output[0].numel()

    with watched(linear, count):
        network(q.x, q.t, q.label)
    return found


def evaluations_of(
    model: TrainedModel, steps: int | None = None, guidance: float | None = None, sampler: str | None = None
) -> int:
    """How often a picture asks the network: a dry run of the sampler with a network that answers 0."""
    sampling, classes = model.config.sampling, model.config.classes
    if guidance is None:
        guidance = 1.0 if classes is None else sampling.guidance
    chosen = sampling.sampler if sampler is None else sampler
    if find_sampler(chosen).evaluations is None:  # as many as the network's own flow needs, which this one has not
        raise InputError("sampler", chosen, "a sampler of fixed steps", "its evaluations depend on the network")
    count = 0

    def nothing(x: Tensor, t: Tensor, label: Tensor | None) -> Tensor:
        nonlocal count
        count += len(x)
        return torch.zeros_like(x)

    label = None if classes is None else torch.zeros(1, dtype=torch.int64)
    sample(
        nothing,
        model.schedule,
        model.config.process.prediction,
        (1, 1, 1, 1),
        sampler=chosen,
        steps=sampling.steps if steps is None else steps,
        label=label,
        guidance=guidance,
        classes=classes,
        eta=sampling.eta if chosen == "ddim" else None,
    )
    return count


@dataclass(frozen=True)
class Processor:
    """The torch network, measured here: s for one picture's evaluation, the median of a few batches."""

    seconds: float
    batch: int
    threads: int
    name: str


@torch.no_grad()
def measured_here(network: nn.Module, q: Questions, repeats: int = 3) -> Processor:
    """How long this machine takes for the network's answers to `q`, in one batch, after one to warm up."""
    taken = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        network(q.x, q.t, q.label)
        taken.append(time.perf_counter() - start)
    return Processor(float(np.median(taken[1:])) / len(q.x), len(q.x), torch.get_num_threads(), _processor())


def _processor() -> str:
    """What the system calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
