"""The loss on pictures the network never learns from, always at the same times and with the same noise."""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.images import ImageData
from ..process import Denoise, draw_times
from .config import TrainingConfig
from .step import Examples, conditions_of, losses
from .streams import stream

SEED = 0
"""Not one of the config's: runs with other seeds are measured alike."""


class HeldOut:
    """So many pictures of the test split, chosen once, each with its time, its noise and its class."""

    def __init__(self, config: TrainingConfig, test: ImageData, latents: Tensor | None = None) -> None:
        order = torch.randperm(len(test), generator=stream(SEED, "held-out order"))
        chosen = order[: config.training.evaluate_pictures]
        x0 = test.normalised(chosen) if latents is None else latents[chosen]
        self.config = config
        self.examples = Examples(
            x0,
            torch.randn(x0.shape, generator=stream(SEED, "held-out noise")),
            draw_times(len(x0), config.process.steps, stream(SEED, "held-out times")),
            conditions_of(test, chosen) if config.classes is None else test.labels[chosen],
        )

    @torch.no_grad()
    def loss(self, denoise: Denoise, device: torch.device) -> float:
        """The mean loss of a network in evaluation mode, in single precision."""
        size = self.config.training.batch // self.config.training.accumulate
        total = torch.zeros((), dtype=torch.float64)
        for start in range(0, len(self.examples.x0), size):
            part = self.examples.part(start, start + size)
            total += losses(self.config.process, denoise, part, device).double().sum().cpu()
        return float(total / len(self.examples.x0))
