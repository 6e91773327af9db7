"""A classifier whose arrays are on chips, many chips side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ....devices.parameter import flat_parameters
from ...layers import FixedSteps, exact, fixed_steps
from ...layers.coupling import correlate
from ...layers.problem import Equations
from ..sources.network import ArrayLayer, Classifier
from .made import MadeLayer


@dataclass(frozen=True)
class _OnChip(Equations):
    """With cells that differ, and a factor in each on what its neighbours feed back."""

    factor: Tensor
    own: tuple[float | Tensor, ...]
    """The cells' parameters, of those that differ a map."""

    def rates(self, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """1/s."""
        drive = self.factor * correlate(self.output(states[0]), self.A, self.boundary, self.groups) + self.feed
        return exact.rates(self.module, self.names, drive, states, self.own)


@dataclass(frozen=True)
class Settings:
    """What a chip is told of a layer, for each picture: z and gain (n, channels), and how the outputs are read,
    readout y + offset, (n, channels) each."""

    z: Tensor
    gain: Tensor
    readout: Tensor | None = None
    offset: Tensor | None = None


def layer_on_chips(layer: ArrayLayer, u: Tensor, made: MadeLayer, told: Settings) -> Tensor:
    """Outputs (n, channels, rows, columns) of inputs u (n, ...), picture k on the chip of row k of `made`."""
    cells, dynamics = layer.cells, layer.cells.dynamics
    maps = made.maps
    fed = correlate(u, cells.B, cells.boundary) * told.gain[..., None, None]
    feed = maps["B"] * fed + maps["node"] * told.z[..., None, None] + maps["offset"]
    own = tuple(maps.get(name, value) for name, value in flat_parameters(dynamics.cell).items())
    ideal = dynamics.equations(feed)
    on_chip = _OnChip(
        ideal.module, ideal.names, ideal.parameters, ideal.A, feed, ideal.boundary, ideal.groups, maps["A"], own
    )
    assert isinstance(dynamics.integration, FixedSteps)
    start = (torch.zeros_like(feed),)
    y = on_chip.output(fixed_steps.integrate(on_chip, start, dynamics.stop, dynamics.integration)[0])
    if told.readout is not None and told.offset is not None:
        y = told.readout[..., None, None] * y + told.offset[..., None, None]
    return y


def logits_on_chips(network: Classifier, u: Tensor, chips: list[MadeLayer], told: Mapping[int, Settings]) -> Tensor:
    """(n, classes), picture k on the chips of rows k, told what row k of the settings of each layer says."""
    for number, layer in enumerate(network.arrays):
        u = functional.avg_pool2d(layer_on_chips(layer, u, chips[number], told[number]), 2)
    found: Tensor = network.readout(u.flatten(1))
    return found
