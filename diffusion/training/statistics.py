"""The statistics of batch norms, measured for the averaged weights."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from .config import ProcessSpec
from .step import Examples, losses


@torch.no_grad()
def measure_statistics(
    network: nn.Module, process: ProcessSpec, batches: Iterable[Examples], device: torch.device
) -> None:
    """Give every batch norm the mean of the means and variances it sees in these batches; the network ends in
    evaluation mode (Izmailov et al. 2018, arXiv 1803.05407, section 3.2).

    Averages of the running statistics of many networks are those of none of them, and a single batch in which an array
    ran away stays in them for thousands of steps. All but the norms is in evaluation mode: so memristors that switch
    are followed, which torch's own `update_bn` would not ask for.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's way to ask for the mean over all batches
        norm.train()
    try:
        for examples in batches if norms else ():
            losses(process, network, examples, device)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        network.eval()
