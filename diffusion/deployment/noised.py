"""Noised pictures of a model's data: what its network is asked during a generation, and what it should answer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..data import ImageData
from ..process import noised, target
from ..training.model import TrainedModel


@dataclass(frozen=True)
class Questions:
    """x (n, ...), diffusion times t (n,), labels (n,) or None, and the right answers, shaped as x."""

    x: Tensor
    t: Tensor
    label: Tensor | None
    answer: Tensor

    def only(self, k: int) -> Questions:
        """The k-th alone."""
        label = None if self.label is None else self.label[k : k + 1]
        return Questions(self.x[k : k + 1], self.t[k : k + 1], label, self.answer[k : k + 1])


@torch.no_grad()
def questions(model: TrainedModel, data: ImageData, n: int, seed: int, t: float | None = None) -> Questions:
    """n pictures of the data, noised at random diffusion times, or all at one; the same pictures and noise at any."""
    generator = torch.Generator().manual_seed(seed)
    index = torch.randint(len(data), (n,), generator=generator)
    pictures = data.normalised(index)
    if model.autoencoder is not None:
        pictures = model.autoencoder.encode(pictures)
    eps = torch.randn(pictures.shape, generator=generator)
    times = torch.rand(n, generator=generator) if t is None else torch.full((n,), t)
    alpha, sigma = model.schedule.alpha(times).float(), model.schedule.sigma(times).float()
    return Questions(
        noised(pictures, eps, alpha, sigma),
        times,
        data.labels[index] if model.config.classes is not None else None,
        target(model.prediction, pictures, eps, alpha, sigma),
    )
