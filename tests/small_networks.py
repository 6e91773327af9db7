"""A small network of arrays with memristors, its norms' statistics those of some batches, and batches for it."""

import torch

from cellnn.diffusion.layers import FixedSteps
from cellnn.diffusion.networks import NetworkSpec, build_network
from cellnn.diffusion.networks.blocks.cells import blocks_of

TAOX = {
    "circuit": "m-cellnn", "voltage_unit": "50mV", "memristor": {"model": "strachan-taox", "x0": 0.02},
    "output": {"kind": "rectifier", "leak": 0.01},
}  # fmt: skip


def small_network(block="m-cellnn", cell=TAOX, trainable=("x0",)):
    """Pictures of 8 x 8, ten classes; in evaluation mode."""
    torch.manual_seed(0)
    spec = {"block": block, "cell": cell, "trainable": list(trainable), "channels": [6, 8], "embedding": 16}
    found = build_network(NetworkSpec.model_validate(spec), (1, 8, 8), 10)
    for parameter in found.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    found(*small_batch(64, 1))  # statistics of the norms
    for block in blocks_of(found).values():
        block.dynamics.integration = FixedSteps("rk4", 2)
    return found.eval()


def small_batch(n, seed):
    """x, t and labels."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 1, 8, 8, generator=generator)
    return x, torch.rand(n, generator=generator), torch.randint(0, 11, (n,), generator=generator)
