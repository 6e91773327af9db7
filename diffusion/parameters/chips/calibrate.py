"""Calibration of one chip as deployed networks are calibrated: biases, then gain and offset of each channel."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...deployment.calibration import STEP, fit_channels
from ..sources.network import Classifier
from .forward import Settings, layer_on_chips
from .made import MadeLayer
from .measure import nominal


@torch.no_grad()
def calibrated(network: Classifier, chip: list[MadeLayer], pictures: Tensor) -> dict[int, Settings]:
    """What one chip is told of each layer (1, channels) so that it answers what the ideal network's layers do.

    As `deployment.calibration`: each layer is asked what it meets in the ideal network with these pictures; the bias of
    each channel moves by one Gauss-Newton step from a measured slope, then the gain and the offset with which the
    channel is read are fitted. The latter are a readout's, which templates do not have.
    """
    told = nominal(network, 1)
    rows = torch.zeros(len(pictures), dtype=torch.int64)
    u, found = pictures, {}
    for number, layer in enumerate(network.arrays):
        made, wanted = chip[number].rows(rows), layer(u)
        z, gain = told[number].z, told[number].gain

        def read(bias: Tensor) -> Tensor:
            settings = Settings(bias.expand(len(u), -1), gain.expand(len(u), -1))  # noqa: B023  (called in this turn)
            return layer_on_chips(layer, u, made, settings)  # noqa: B023

        first = read(z)
        slope = (read(z + STEP) - first) / STEP
        axes = (0, 2, 3)
        trim = ((wanted - first) * slope).sum(axes) / slope.square().sum(axes).clamp(min=1e-12)
        a, b = fit_channels(read(z + trim).double().numpy(), wanted.double().numpy())
        readout, offset = (torch.from_numpy(np.asarray(part).reshape(1, -1)).float() for part in (a, b))
        found[number] = Settings(z + trim, gain, readout, offset)
        u = functional.avg_pool2d(wanted, 2)
    return found
