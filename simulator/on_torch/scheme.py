"""What a step is made of, whatever the method."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from ..steppers import Tableau

Parts = Sequence[Tensor]
"""What an attempted step leaves beside its proposal: the rates of its stages, or increments."""


class Scheme(Protocol):
    """One method on tensors: states and rates are (states, samples, channels, rows, columns), h [s] is (1, samples, 1,
    1, 1), 0 for a sample that rests."""

    @property
    def tableau(self) -> Tableau:
        """Its name, its order, and whether it estimates errors."""

    @property
    def ends_with_rate(self) -> bool:
        """Whether the last part is the rate at the proposal."""

    @property
    def evaluations(self) -> int:
        """Right-hand sides of an attempt beyond the rate at its start."""

    def propose(self, state: Tensor, rate: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        """(the states after steps h, *parts), from the states and the rates there."""

    def error(self, parts: Parts, h: Tensor) -> Tensor:
        """The estimated error of the proposal."""

    def between(self, state: Tensor, parts: Parts, h: Tensor, theta: float) -> Tensor:
        """The states at t + theta h, 0 <= theta < 1."""


def weighted(weights: Sequence[float], parts: Parts) -> Tensor:
    """sum_s weights[s] parts[s]."""
    used = [(weight, part) for weight, part in zip(weights, parts, strict=True) if weight != 0.0]
    total = used[0][0] * used[0][1]
    for weight, part in used[1:]:
        total = torch.add(total, part, alpha=weight)
    return total
