"""How far a run has come: all that is no tensor."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class Progress:
    """Steps done, seconds of training over all starts, and sums since the last line of the log.

    `held_out` is the latest held-out loss, `loss` the mean of the latest line's steps.
    """

    step: int = 0
    seconds: float = 0.0
    sum_loss: float = 0.0
    sum_norm: float = 0.0
    sum_seconds: float = 0.0
    summed: int = 0
    loss: float | None = None
    held_out: float | None = None

    def add(self, loss: float, norm: float, seconds: float) -> None:
        """A step is done."""
        self.step += 1
        self.seconds += seconds
        self.sum_loss += loss
        self.sum_norm += norm
        self.sum_seconds += seconds
        self.summed += 1

    def line(self, learning_rate: float, batch: int) -> dict[str, float | None]:
        """The means since the last line, as a line of the log; the sums start again."""
        self.loss = self.sum_loss / self.summed
        rate = self.summed * batch / self.sum_seconds if self.sum_seconds else None
        row = {
            "step": self.step,
            "loss": self.loss,
            "learning_rate": learning_rate,
            "gradient_norm": self.sum_norm / self.summed,
            "images_per_second": rate,
            "seconds": self.seconds,
        }
        self.sum_loss = self.sum_norm = self.sum_seconds = 0.0
        self.summed = 0
        return row

    def plain(self) -> dict[str, Any]:
        """Its numbers by name."""
        return asdict(self)
