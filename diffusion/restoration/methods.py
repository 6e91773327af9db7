"""Ways to restore a noisy picture: the posterior mean at once, the flow down from its level, the SDE, or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...devices.errors import InputError, did_you_mean
from ..process import sample, to_x0
from ..training import TrainedModel
from ..training.streams import stream_seed

METHODS = {
    "noisy": "nothing: the picture's share of the noisy one, x/alpha",
    "mean": "the network's estimate of x0, E[x0|x]: one evaluation; the least squared error, and soft",
    "flow": "the probability-flow ODE from the level down: one picture of each noise, sharp",
    "sde": "the reverse SDE from the level down: a draw from the posterior, sharp",
}
SAMPLERS = {"flow": "probability-flow", "sde": "reverse-sde"}


@dataclass(frozen=True)
class How:
    """How many steps the SDE takes, the tolerances of the flow, and how many pictures are computed at once."""

    steps: int = 50
    rtol: float = 1e-3
    atol: float = 1e-3
    batch: int = 32


def check_methods(methods: tuple[str, ...]) -> tuple[str, ...]:
    """The methods. Raises InputError for one that is none."""
    for name in methods:
        if name not in METHODS:
            raise InputError("methods", name, f"of {', '.join(METHODS)}", did_you_mean(name, METHODS))
    return methods


def restored(
    model: TrainedModel, noisy: Tensor, time: float, labels: Tensor | None, method: str, how: How, seed: int
) -> tuple[Tensor, float]:
    """Pictures like `noisy` (n, channels, rows, columns), which are at the diffusion time `time`, in [-1, 1]; and how
    many evaluations of the network each took (a mean).

    `labels` (n,) are classes to tell the network, None: none. The SDE's noise comes from streams of `seed` of its own.
    """
    if method == "noisy":
        return (noisy / model.schedule.alpha(time).item()).clamp(-1.0, 1.0), 0.0
    if method == "mean":
        return _means(model, noisy, time, labels, how.batch).clamp(-1.0, 1.0), 1.0
    counts: list[int] = []
    flow = method == "flow"
    found = sample(
        model.network,
        model.schedule,
        model.prediction,
        tuple(noisy.shape),
        sampler=SAMPLERS[method],
        steps=how.steps,
        seed=stream_seed(seed, "restoration"),
        label=labels,
        classes=model.config.classes,
        rtol=how.rtol if flow else None,
        atol=how.atol if flow else None,
        noisy=noisy,
        time=time,
        batch=how.batch,
        evaluations=counts,
    )
    return found.clamp(-1.0, 1.0), sum(counts) / len(counts)


@torch.no_grad()
def _means(model: TrainedModel, noisy: Tensor, time: float, labels: Tensor | None, batch: int) -> Tensor:
    """E[x0|x], as the network has it."""
    alpha, sigma = model.schedule.alpha(time).item(), model.schedule.sigma(time).item()
    device = next(model.network.parameters()).device
    parts = []
    for start in range(0, len(noisy), batch):
        x = noisy[start : start + batch].to(device)
        t = torch.full(x.shape[:1], time, device=device)
        label = None if labels is None else labels[start : start + batch].to(device)
        parts.append(to_x0(model.prediction, model.network(x, t, label), x, alpha, sigma).cpu())
    return torch.cat(parts)
