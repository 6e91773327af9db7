"""A network whose arrays run on a chip: the same U-Net, its arrays exchanged."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ...circuits.hardware import Hardware
from ..networks.blocks.cells import CellBlock
from .array import DeployedArray, Integration
from .fold import FoldedBlock, blocks_of

Batch = tuple[Tensor, Tensor, Tensor | None]
"""x, t and labels."""


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


@dataclass(frozen=True)
class Range:
    """What a block's array meets: the size of its planes, and the largest input and output in units of V1."""

    rows: int
    columns: int
    input: float
    output: float


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


@torch.no_grad()
def measured_ranges(
    network: nn.Module, batches: list[tuple[Tensor, Tensor, Tensor | None]], share: float = 0.9999
) -> dict[str, Range]:
    """What the arrays of a network meet in these batches (x, t, label): sizes of planes, and the values below which the
    given share of inputs and outputs lies."""
    blocks = blocks_of(network)
    inputs: dict[str, list[Tensor]] = {name: [] for name in blocks}
    outputs: dict[str, list[Tensor]] = {name: [] for name in blocks}
    hooks = []
    for name, block in blocks.items():
        hooks.append(block.register_forward_pre_hook(lambda _, given, name=name: inputs[name].append(given[0])))
        hooks.append(block.dynamics.register_forward_hook(lambda _, g, y, name=name: outputs[name].append(y)))
    try:
        for x, t, label in batches:
            network(x, t, label)
    finally:
        for hook in hooks:
            hook.remove()
    return {
        name: Range(
            inputs[name][0].shape[-2],
            inputs[name][0].shape[-1],
            _largest(inputs[name], share),
            _largest(outputs[name], share),
        )
        for name in blocks
    }


def _largest(parts: list[Tensor], share: float) -> float:
    values = torch.cat([part.abs().flatten() for part in parts]).numpy()
    return float(np.quantile(values, share))
