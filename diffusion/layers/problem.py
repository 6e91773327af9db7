"""The ordinary differential equations a layer integrates, on torch tensors."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import torch
from torch import Tensor

from ...circuits.boundary import Boundary
from . import exact
from .coupling import correlate


@dataclass(frozen=True)
class Equations:
    """ds/dt, and dx/dt or dw/dt, of a batch of arrays; states are (s,), (s, x) or (s, w), each (n, channels, rows,
    columns)."""

    module: ModuleType
    """Of `tensor_code`."""
    names: tuple[str, ...]
    """Of d, the states and the parameters."""
    parameters: tuple[float | Tensor, ...]
    A: Tensor
    feed: Tensor
    boundary: Boundary
    groups: int

    def output(self, s: Tensor) -> Tensor:
        """f(s)."""
        return exact.output(self.module, s, self.parameters)

    def rates(self, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """1/s."""
        drive = correlate(self.output(states[0]), self.A, self.boundary, self.groups) + self.feed
        return exact.rates(self.module, self.names, drive, states, self.parameters)

    def confined(self, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Memristor states held to [0, 1], which a step may leave by its error."""
        return (states[0], torch.clamp(states[1], 0.0, 1.0)) if self.names[2] == "x" else states
