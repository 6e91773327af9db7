"""What one evaluation of a network costs, counted."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ...devices.errors import InputError
from ..layers import ArrayDynamics


@torch.no_grad()
def multiply_adds(network: nn.Module, picture: tuple[int, int, int]) -> int:
    """Multiply-adds of one evaluation for one picture (planes, rows, columns), counted while it runs.

    Convolutions and matrix products are counted, as is usual; sums, norms and functions of single numbers are not.
    Every evaluation of f inside a solver counts; the picture is noise, at half of the diffusion time, where a solver
    chooses its steps itself. Raises InputError for a network of arrays, whose compiled steps torch does
    not see.
    """
    if any(isinstance(module, ArrayDynamics) for module in network.modules()):
        hint = "compiled steps of arrays go uncounted"
        raise InputError("network.block", "arrays", "a network whose arithmetic is torch's", hint)
    given = next(network.parameters())
    x = torch.randn(1, *picture, generator=torch.Generator().manual_seed(0)).to(given)
    t = torch.full((1,), 0.5).to(given)
    training = network.training
    network.eval()
    try:
        with FlopCounterMode(display=False) as counter:
            network(x, t)
    finally:
        network.train(training)
    return int(counter.get_total_flops()) // 2  # torch counts a product and a sum as two
