"""A network whose arrays run on a chip: the same U-Net, its arrays exchanged."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from ...circuits.hardware import Hardware
from ..networks.blocks.cells import CellBlock, blocks_of
from ..networks.ranges import Range
from .array import DeployedArray
from .fold import FoldedBlock
from .run import Integration


class DeployedBlock(nn.Module):
    """A block with its array on a chip; the way around stays digital."""

    def __init__(self, block: CellBlock, array: DeployedArray) -> None:
        super().__init__()
        self.condition, self.around = block.condition, block.around
        self.gain_and_bias = block.gain_and_bias
        self.array = array

    @torch.no_grad()
    def forward(self, u: Tensor, condition: Tensor) -> Tensor:
        """As `CellBlock`."""
        gain, bias = self.gain_and_bias(condition)
        found = self.array(u.numpy(), gain.numpy(), bias.numpy())
        return self.around(u) + torch.from_numpy(np.ascontiguousarray(found, np.float32))


def deployed(
    network: nn.Module,
    ranges: Mapping[str, Range],
    hardware: Hardware,
    seeds: Mapping[str, int],
    integration: Integration | None = None,
) -> nn.Module:
    """A copy of the network with every array on the chip of these seeds. Raises InputError when there is none."""
    found = copy.deepcopy(network).eval()
    for name, block in blocks_of(found).items():
        size = ranges[name]
        array = DeployedArray(
            FoldedBlock.of(name, block),
            size.rows,
            size.columns,
            hardware,
            seeds,
            (size.input, size.output),
            integration or Integration(),
        )
        parent, _, own = name.rpartition(".")
        setattr(found.get_submodule(parent), own, DeployedBlock(block, array))
    return found
