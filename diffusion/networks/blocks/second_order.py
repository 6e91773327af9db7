"""Blocks that are ordinary differential equations of second order."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from ...continuous import SecondOrder
from ...continuous.acceleration import Acceleration
from ..spec import NetworkSpec
from .conv import groups_of


class SecondOrderBlock(nn.Module):
    """z' = v, v' = f(z, v, t; diffusion step): where the state is at t = 1 is what the block answers.

    (Calvo-Ordonez et al. 2023, arXiv 2310.20092.) A linear map 1 x 1 makes z(0) and v(0) of what comes in; where as
    many planes come in, these are the state of the block before, and it goes on from there. Half of the planes are
    positions, half velocities, and both are answered: the last evaluation of f moves velocities only. The way around
    that residual blocks have is in the equation: where f = 0 and v(0) = 0 the state stays what it is.
    """

    def __init__(self, in_channels: int, channels: int, embedding: int, dynamics: SecondOrder) -> None:
        super().__init__()
        self.start = nn.Conv2d(in_channels, channels, 1) if in_channels != channels else nn.Identity()
        self.condition = nn.Linear(embedding, 2 * channels)
        self.dynamics = dynamics

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        """(n, channels, rows, columns) of h (n, in_channels, rows, columns) and condition (n, embedding)."""
        scale, shift = self.condition(condition)[..., None, None].chunk(2, dim=1)
        return self.dynamics(self.start(h), scale, shift)


def second_order_blocks(spec: NetworkSpec) -> Callable[[int, int, int], nn.Module]:
    """Makes the blocks of a network of equations of second order."""

    def block(in_channels: int, channels: int, embedding: int) -> SecondOrderBlock:
        dynamics = SecondOrder(Acceleration(channels // 2, groups_of(channels)), spec.solver)
        return SecondOrderBlock(in_channels, channels, embedding, dynamics)

    return block
