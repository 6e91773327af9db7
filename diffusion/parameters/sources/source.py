"""What every source of parameters has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

MEASURES = {"accuracy": 1.0, "loss": -1.0}
"""The measures there are, and the sign with which more is better."""


class Source(Protocol):
    """A network, how it is trained, and what its parameters are worth."""

    measure: ClassVar[str]
    """One of `MEASURES`."""

    @property
    def network(self) -> nn.Module:
        """Whose parameters they are."""

    @property
    def base_steps(self) -> int:
        """Steps of the training of all parameters, before any are collected; 0: the network comes trained."""

    def base_rate(self, step: int) -> float:
        """The learning rate of one of these steps, from 0."""

    def loss(self, step: int) -> Tensor:
        """The loss of a step's batch: a function of the network, the seeds and the step alone."""

    def scores(self) -> Tensor:
        """What the network, as it is now, scores on each held-out picture (n,), float64: their mean is the measure."""

    def about(self) -> dict[str, Any]:
        """What is said about the source in files."""


@contextmanager
def holding(network: nn.Module, values: dict[str, Tensor]) -> Iterator[None]:
    """The network with other values of some parameters, until the block ends."""
    own = dict(network.named_parameters())
    kept = {name: own[name].detach().clone() for name in values}
    with torch.no_grad():
        for name, value in values.items():
            own[name].copy_(value)
    try:
        yield
    finally:
        with torch.no_grad():
            for name, value in kept.items():
                own[name].copy_(value)
