"""What training keeps in memory, with and without the adjoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from .acceleration import Acceleration
from .second_order import SecondOrder
from .solver import Solver


def kept_for_backward(forward: Callable[[], object]) -> int:
    """The bytes of all different tensors that autograd keeps between a forward pass and its backward pass.

    Counted as they are saved, so the same on every machine; views of one tensor count once.
    """
    storages: dict[int, tuple[Tensor, int]] = {}  # the tensors as well: an address is free again when they are gone

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = (tensor, storage.nbytes())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        forward()
    return sum(size for _, size in storages.values())


def adjoint_memory(
    steps: Sequence[int],
    method: str = "midpoint",
    channels: int = 16,
    size: int = 28,
    batch: int = 16,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Memory and gradients of one block of second order, by the number of its solver's steps.

    The block has `channels` positions and as many velocities on planes of size x size. For each number of steps:
    `direct_bytes` and `adjoint_bytes`, what is kept for the backward pass, and `gradient_difference`, the largest
    distance of the two gradients over the largest value of the direct one, in double precision.
    """
    rows = []
    for many in steps:
        kept, gradients = [], []
        for adjoint in (False, True):
            solver = Solver.model_validate({"method": method, "steps": many, "adjoint": adjoint})
            kept.append(kept_for_backward(partial(_end, solver, channels, size, batch, seed)))
            end, tensors = _end(solver, channels, 8, 2, seed, torch.float64)
            found = torch.autograd.grad(end.square().sum(), tensors)
            gradients.append(torch.cat([gradient.flatten() for gradient in found]))
        direct, other = gradients
        difference = float((direct - other).abs().max() / direct.abs().max())
        rows.append(
            {"steps": many, "direct_bytes": kept[0], "adjoint_bytes": kept[1], "gradient_difference": difference}
        )
    return rows


def _end(
    solver: Solver, channels: int, size: int, batch: int, seed: int, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, list[Tensor]]:
    """The state at t = 1, and the tensors behind it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = SecondOrder(Acceleration(channels, 2), solver).to(dtype)
        torch.nn.init.normal_(layer.acceleration.kernel.weight, std=0.3 / channels**0.5)  # type: ignore[arg-type,union-attr]
        state = torch.randn(batch, 2 * channels, size, size, dtype=dtype, requires_grad=True)
        scale, shift = (torch.randn(batch, 2 * channels, 1, 1, dtype=dtype, requires_grad=True) for _ in range(2))
    tensors = [state, scale, shift, *layer.parameters()]
    return layer(state, scale, shift), tensors
