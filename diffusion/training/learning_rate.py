"""The learning rate of each step."""

from __future__ import annotations

import math

from .config import TrainingSpec


def learning_rate(training: TrainingSpec, step: int) -> float:
    """The rate of a step, from 0: it rises in a line over `warmup` steps, then stays or falls to zero at `steps`
    along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, without restarts)."""
    if step < training.warmup:
        return training.learning_rate * (step + 1) / training.warmup
    if training.decay == "constant":
        return training.learning_rate
    done = (step - training.warmup) / max(training.steps - training.warmup, 1)
    return training.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0)))
