"""What is measured of a chip before it is told anything: how each channel answers known inputs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..sources.network import Classifier
from .forward import Settings, layer_on_chips
from .made import MadeLayer


@dataclass(frozen=True, eq=False)
class Probes:
    """Known inputs of every layer and what the ideal layer answers: u (p, in, rows, columns), y (p, channels, ..)."""

    u: list[Tensor]
    y: list[Tensor]

    @classmethod
    @torch.no_grad()
    def of(cls, network: Classifier, pictures: Tensor) -> Probes:
        """Each layer is asked what it meets in the ideal network with these pictures, and with these turned dark for
        light: both sides of a saturation."""
        h = torch.cat([pictures, -pictures])
        u, y = [], []
        for layer in network.arrays:
            u.append(h)
            y.append(layer(h))
            h = functional.avg_pool2d(y[-1], 2)
        return cls(u, y)


def nominal(network: Classifier, n: int) -> dict[int, Settings]:
    """What n pictures are told by design."""
    found = {}
    for number, layer in enumerate(network.arrays):
        shape = (n, layer.cells.channels)
        found[number] = Settings(layer.cells.z.expand(shape), layer.gain.expand(shape))
    return found


@torch.no_grad()
def measurements(network: Classifier, chips: list[MadeLayer], probes: Probes) -> Tensor:
    """(chips, m): of each channel of each layer, the slope and the offset of the line through its answers over the
    ideal ones, for the probes and for the probes turned dark for light; by design 1 and 0."""
    n, p = len(chips[0].maps["A"]), len(probes.u[0])
    rows = torch.arange(n).repeat_interleave(p)
    found = []
    for number, layer in enumerate(network.arrays):
        told = nominal(network, n * p)[number]
        u = probes.u[number].repeat(n, 1, 1, 1)
        y = layer_on_chips(layer, u, chips[number].rows(rows), told)
        answers = y.reshape(n, 2, p // 2, *y.shape[1:])
        ideal = probes.y[number].reshape(1, 2, p // 2, *y.shape[1:])
        found += [part.flatten(1) for part in _lines(ideal.expand_as(answers), answers)]
    return torch.cat(found, dim=1)


def _lines(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Slope and offset (n, 2, channels) of least squares y = a x + b over pictures and cells, of (n, 2, p, channels,
    rows, columns). A channel that never moves has slope 1."""
    axes = (2, 4, 5)
    mean_x, mean_y = x.mean(axes, keepdim=True), y.mean(axes, keepdim=True)
    spread = (x - mean_x).square().mean(axes)
    slope = ((x - mean_x) * (y - mean_y)).mean(axes) / spread.clamp(min=1e-12)
    slope = torch.where(spread > 1e-12, slope, torch.ones_like(slope))
    return slope, mean_y[:, :, 0, :, 0, 0] - slope * mean_x[:, :, 0, :, 0, 0]
