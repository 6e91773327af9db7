"""What the arrays of a network meet: the sizes of their planes, and how far their inputs and outputs reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .blocks.cells import blocks_of
from .watch import watched


@dataclass(frozen=True)
class Range:
    """What a block's array meets: the size of its planes, and the largest input and output in units of V1."""

    rows: int
    columns: int
    input: float
    output: float


@torch.no_grad()
def measured_ranges(
    network: nn.Module, batches: Sequence[tuple[Tensor, Tensor, Tensor | None]], share: float = 0.9999
) -> dict[str, Range]:
    """What the arrays of a network meet in these batches (x, t, label): sizes of planes, and the values below which the
    given share of inputs and outputs lies."""
    blocks = blocks_of(network)
    inputs: dict[str, list[Tensor]] = {name: [] for name in blocks}
    outputs: dict[str, list[Tensor]] = {name: [] for name in blocks}
    with (
        watched(blocks, lambda name, given, _: inputs[name].append(given[0])),
        watched({name: block.dynamics for name, block in blocks.items()}, lambda name, _, y: outputs[name].append(y)),
    ):
        for x, t, label in batches:
            network(x, t, label)
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
