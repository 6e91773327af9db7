"""Which pictures a step sees, and how they are varied."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .streams import stream


class Order:
    """All pictures in random order, again and again: epoch e's permutation is drawn from (seed, e) alone."""

    def __init__(self, count: int, batch: int, seed: int) -> None:
        self.count, self.batch, self.seed = count, batch, seed
        self._epoch, self._permutation = -1, torch.empty(0, dtype=torch.int64)

    def of_step(self, step: int) -> Tensor:
        """The pictures of a step, from 0: (batch,) indices. A batch may run over the end of an epoch."""
        places = torch.arange(step * self.batch, (step + 1) * self.batch)
        epochs = places // self.count
        parts = [
            self._of_epoch(epoch)[places[epochs == epoch] % self.count]
            for epoch in range(int(epochs[0]), int(epochs[-1]) + 1)
        ]
        return torch.cat(parts)

    def _of_epoch(self, epoch: int) -> Tensor:
        if epoch != self._epoch:
            self._permutation = torch.randperm(self.count, generator=stream(self.seed, "order", epoch))
            self._epoch = epoch
        return self._permutation


@dataclass(frozen=True)
class Variation:
    """Mirrored and shifted copies: `flips` mirrors half of the pictures, `shifts` moves by up to so many pixels."""

    flips: bool = False
    shifts: int = 0

    def apply(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Pictures (n, channels, rows, columns), each varied by itself; what comes in repeats the edge."""
        if self.flips:
            mirrored = torch.rand(len(x), generator=generator) < 0.5
            x = torch.where(mirrored[:, None, None, None], x.flip(-1), x)
        if self.shifts:
            rows, columns = x.shape[-2:]
            top = torch.randint(2 * self.shifts + 1, (len(x), 1), generator=generator) + torch.arange(rows)
            left = torch.randint(2 * self.shifts + 1, (len(x), 1), generator=generator) + torch.arange(columns)
            padded = functional.pad(x, 4 * (self.shifts,), mode="replicate")
            sample = torch.arange(len(x))[:, None, None]
            x = padded[sample, :, top[:, :, None], left[:, None, :]].permute(0, 3, 1, 2).contiguous()
        return x
