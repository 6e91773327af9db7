"""Steps as seconds of training."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Phase:
    """A part of the plan of integration: until which share of the training, the seconds of a step (median), and how
    many times those of the baseline (median, least and largest of pairs in turn)."""

    until: float
    method: str
    seconds: float
    ratio: float
    ratio_min: float
    ratio_max: float


@dataclass(frozen=True)
class Clock:
    """Steps as seconds of training: each costs what a step of its phase was measured to cost."""

    steps: int
    phases: tuple[Phase, ...]

    def seconds_at(self, step: int) -> float:
        """The seconds of the first `step` steps."""
        shares = np.arange(step) / self.steps
        phase = np.searchsorted([part.until for part in self.phases[:-1]], shares, side="right")
        return float(np.array([part.seconds for part in self.phases])[phase].sum())

    def steps_within(self, seconds: float) -> int:
        """How many steps a training of this plan has whose last step ends within so many seconds, at least 1."""
        bounds = [0.0, *(part.until for part in self.phases)]
        mean = sum(part.seconds * (b - a) for part, (a, b) in zip(self.phases, pairwise(bounds), strict=True))
        return max(1, int(seconds / mean))

    def of_steps(self, steps: int) -> Clock:
        """The clock of a training of so many steps in all."""
        return Clock(steps, self.phases)

    @property
    def ratio(self) -> float:
        """Times the baseline's seconds, over the whole plan."""
        bounds = [0.0, *(part.until for part in self.phases)]
        return sum(part.ratio * (b - a) for part, (a, b) in zip(self.phases, pairwise(bounds), strict=True))
