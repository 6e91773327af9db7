"""A classifier made of arrays of cells."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ....devices.errors import InputError
from ...layers import CellNN, FixedSteps
from .spec import ClassifierSpec

GROUND = -1.0
"""What lies beyond the edge of a picture: MNIST's ground."""


class ArrayLayer(nn.Module):
    """An array with a gain for each channel: C dv/dt = -v/R + (1/R) [A*y + V1 (gain (B*u) + z)], y = f(v) at `stop`."""

    def __init__(self, cells: CellNN) -> None:
        super().__init__()
        self.cells = cells
        self.gain = nn.Parameter(torch.ones(cells.channels))

    def forward(self, u: Tensor) -> Tensor:
        """(n, channels, rows, columns), normalised, of u (n, in_channels, rows, columns)."""
        found: Tensor = self.cells(u, gain=self.gain[None])
        return found


class Classifier(nn.Module):
    """Arrays in a row, each followed by means of 2 x 2, and a linear readout of all that is left.

    Pictures (n, channels, rows, columns) in [-1, 1] to logits (n, classes). The weights are drawn from `generator`.
    Raises InputError, placed at `channels`, for more arrays than the pictures can be halved.
    """

    def __init__(
        self, spec: ClassifierSpec, picture: tuple[int, int, int], classes: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        channels, rows, columns = picture
        most = min(rows, columns).bit_length() - 1
        if len(spec.channels) > most:
            expected = f"at most {most} arrays for pictures of {rows} x {columns}: each halves them"
            raise InputError("channels", list(spec.channels), expected)
        layers = []
        for k, width in enumerate(spec.channels):
            cells = CellNN(
                channels,
                width,
                C=spec.C,
                R=spec.R,
                stop=spec.stop,
                boundary={"fixed": GROUND} if k == 0 else "zero-flux",
                integration=FixedSteps(spec.method, spec.steps),
                generator=generator,
            )
            with torch.no_grad():
                cells.dynamics.A.mul_(0.5)  # feedback that leads to no oscillation at the start
            layers.append(ArrayLayer(cells))
            channels, rows, columns = width, rows // 2, columns // 2
        self.layers = nn.ModuleList(layers)
        self.readout = nn.Linear(channels * rows * columns, classes)
        with torch.no_grad():
            bound = self.readout.in_features**-0.5
            for parameter in self.readout.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    @property
    def arrays(self) -> list[ArrayLayer]:
        """The arrays, in the order in which pictures pass them."""
        return [layer for layer in self.layers if isinstance(layer, ArrayLayer)]

    def forward(self, u: Tensor) -> Tensor:
        """(n, classes), the logits."""
        for layer in self.layers:
            u = functional.avg_pool2d(layer(u), 2)
        found: Tensor = self.readout(u.flatten(1))
        return found
