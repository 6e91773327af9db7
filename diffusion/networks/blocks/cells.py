"""Blocks that are arrays of cells."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ....devices.errors import InputError
from ...layers import ArrayDynamics
from ...layers.coupling import correlate, initial_weights
from ..spec import CIRCUITS, NetworkSpec

READOUT = 0.5
"""What a readout's norm starts with: the way around then carries most at first."""


class CellBlock(nn.Module):
    """An array from v(0) = 0 to `stop` under gain N(B*u) + bias; its output, read out by M, beside a way around.

        M(y(stop)) + P u,    C dv/dt = -v/R - i_M(v, x) + (1/R) [A*y + V1 (gain N(B*u) + bias)]

    (of second-order cells L di/dt = A*y + V1 (gain N(B*u) + bias) - v - R i and C dv/dt = i, from i(0) = 0).

    gain and bias belong to the diffusion step, one for each channel; N and M are batch norms. In use these are linear,
    so all that drives the array is one template for each step (`template`), and the readout a gain and an offset for
    each channel (`readout_of_channels`). P is a linear 1 x 1 coupling, or nothing where the channels are as many.
    """

    def __init__(self, in_channels: int, channels: int, embedding: int, dynamics: ArrayDynamics) -> None:
        super().__init__()
        kernel = dynamics.A.shape[-1]
        self.B = nn.Parameter(initial_weights(channels, in_channels, kernel))
        self.norm = nn.BatchNorm2d(channels)
        self.condition = nn.Linear(embedding, 2 * channels)
        self.dynamics = dynamics
        self.readout = nn.BatchNorm2d(channels)
        nn.init.constant_(self.readout.weight, READOUT)
        self.around = nn.Conv2d(in_channels, channels, 1) if in_channels != channels else nn.Identity()
        self.imperfect: Callable[[CellBlock, Tensor, Tensor], Tensor] | None = None
        """In training, instead of the ideal array: see `diffusion.hardware_aware`."""

    def forward(self, u: Tensor, condition: Tensor) -> Tensor:
        """(n, channels, rows, columns) of u (n, in_channels, rows, columns) and condition (n, embedding)."""
        if self.imperfect is not None and self.training:
            return self.imperfect(self, u, condition)
        gain, bias = self.gain_and_bias(condition)
        fed = self.norm(correlate(u, self.B, self.dynamics.boundary))
        feed = torch.addcmul(bias[..., None, None], fed, gain[..., None, None])
        with torch.autocast(u.device.type, enabled=False):  # what is integrated is not rounded to 8 bits on the way
            y = self.dynamics(feed.to(self.dynamics.A.dtype), 0.0)
        return self.around(u) + self.readout(y)

    def gain_and_bias(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Each (n, channels)."""
        gain, bias = self.condition(condition).chunk(2, dim=1)
        return 1 + gain, bias

    @torch.no_grad()
    def template(self, condition: Tensor) -> dict[str, Tensor]:
        """A, B and z of the array at one diffusion step, condition (1, embedding): the norm, with the statistics it
        keeps, and the step's gain and bias are part of B and z."""
        (gain,), (bias,) = self.gain_and_bias(condition)
        scale, shift = in_use(self.norm)
        return {
            "A": self.dynamics.A.detach().clone(),
            "B": self.B * (gain * scale)[:, None, None, None],
            "z": gain * shift + bias,
        }

    @torch.no_grad()
    def readout_of_channels(self) -> tuple[Tensor, Tensor]:
        """Gain and offset of the readout (channels,) each: the block's way out gets gain y + offset."""
        return in_use(self.readout)


def in_use(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Gain and offset of a batch norm with the statistics it keeps."""
    assert norm.running_mean is not None and norm.running_var is not None
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return gain, norm.bias - norm.running_mean * gain


def blocks_of(network: nn.Module) -> dict[str, CellBlock]:
    """The blocks that are arrays, by their names in the network. Raises InputError when there is none."""
    found = {name: module for name, module in network.named_modules() if isinstance(module, CellBlock)}
    if not found:
        expected = f"a network of arrays: block {' or '.join(CIRCUITS)}"
        raise InputError("network.block", "conv", expected, "convolutions have nothing to deploy")
    return found


def cell_blocks(spec: NetworkSpec) -> Callable[[int, int, int], nn.Module]:
    """Makes the blocks of a network of arrays."""
    assert spec.cell is not None
    cell, memristor = spec.cell.circuit_of_cell(), spec.cell.memristor
    x0 = 0.1 if memristor is None else float(memristor.x0.value)

    def block(in_channels: int, channels: int, embedding: int) -> CellBlock:
        dynamics = ArrayDynamics(
            channels,
            cell=cell,
            boundary=spec.boundary,
            stop=spec.stop,
            x0=x0,
            trainable=spec.trainable,
        )
        dynamics.follows_switching = True
        return CellBlock(in_channels, channels, embedding, dynamics)

    return block
