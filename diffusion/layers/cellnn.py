"""CellNN and M-CellNN as torch layers: an array of cells with its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...circuits.cells import CellCircuit, ChuaYang
from ...circuits.cells import MCellNN as MemristiveCell
from ...circuits.outputs import OutputStage, Saturation
from ...devices.errors import InputError
from ...devices.memristor import Memristor
from ...devices.strachan_taox import StrachanTaOx
from .coupling import correlate, initial_weights
from .dynamics import ArrayDynamics, checked_kernel, checked_whole
from .integration import Integration


class ArrayLayer(nn.Module):
    """B, z and an optional start kernel S around an `ArrayDynamics`; layers differ in their cell."""

    def __init__(
        self,
        in_channels: int,
        channels: int,
        cell: CellCircuit,
        kernel: int,
        start_kernel: int | None,
        generator: torch.Generator | None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.in_channels, self.channels = checked_whole("in_channels", in_channels), checked_whole("channels", channels)
        self.B = nn.Parameter(initial_weights(channels, in_channels, checked_kernel("kernel", kernel), generator))
        self.z = nn.Parameter(torch.zeros(channels))
        self.S: nn.Parameter | None = None
        if start_kernel is not None:
            size = checked_kernel("start_kernel", start_kernel)
            self.S = nn.Parameter(initial_weights(channels, in_channels, size, generator))
        self.dynamics = ArrayDynamics(channels, kernel=kernel, cell=cell, generator=generator, **options)

    @property
    def boundary(self) -> Any:
        """What lies beyond the edge, of outputs and inputs alike."""
        return self.dynamics.boundary

    def forward(
        self, u: Tensor, start: Tensor | float | None = None, bias: Tensor | None = None, gain: Tensor | None = None
    ) -> Tensor:
        """The normalised outputs at `stop`, (n, channels, rows, columns).

        u (n, in_channels, rows, columns) is the normalised input, start the normalised v(0): a number, a tensor like
        the result, or None for S*u (0 without S). bias (n, channels) is added to z, and gain (n, channels) multiplies
        B*u: what an array can do at each diffusion step.
        """
        return self.dynamics(self.feed(u, bias, gain), self.start(u, start))

    def feed(self, u: Tensor, bias: Tensor | None = None, gain: Tensor | None = None) -> Tensor:
        """gain B*u + z + bias, (n, channels, rows, columns)."""
        if u.dim() != 4 or u.shape[1] != self.in_channels:
            raise InputError("u", tuple(u.shape), f"an input of shape (n, {self.in_channels}, rows, columns)")
        fed = correlate(u, self.B, self.boundary)
        if gain is not None:
            fed = fed * self._per_sample("gain", gain, u)
        z = self.z[None] if bias is None else self.z + self._per_sample("bias", bias, u)[:, :, 0, 0]
        return fed + z[:, :, None, None]

    def start(self, u: Tensor, start: Tensor | float | None = None) -> Tensor | float:
        """The normalised v(0)."""
        if start is not None:
            return start
        return 0.0 if self.S is None else correlate(u, self.S, self.boundary)

    def _per_sample(self, name: str, values: Tensor, u: Tensor) -> Tensor:
        if values.shape not in ((len(u), self.channels), (1, self.channels)):
            raise InputError(name, tuple(values.shape), f"a tensor of shape ({len(u)}, {self.channels})")
        return values[:, :, None, None]


class CellNN(ArrayLayer):
    """An array of plain cells (Chua & Yang 1988): C dv/dt = -v/R + (1/R) [A*y + B*u + z V1], y = V1 f(v/V1).

    C [F], R [Ohm], voltage_unit V1 [V] and stop [s] are physical; the weights, the input and the output are normalised.
    `output` is a stage of `circuits.outputs`, `integration` a `FixedSteps` or `Adaptive`, `trainable=("C",)`
    trains C, per channel, beside A, B, z and S. Weights are drawn from `generator` (torch's own when None).
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        kernel: int = 3,
        start_kernel: int | None = None,
        C: float = 1e-9,
        R: float = 1e3,
        voltage_unit: float = 1.0,
        output: OutputStage = Saturation(),
        boundary: Any = "zero-flux",
        stop: float = 2e-6,
        integration: Integration | None = None,
        trainable: Sequence[str] = (),
        groups: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels, channels, ChuaYang(C, R, voltage_unit, output), kernel, start_kernel, generator,
            boundary=boundary, stop=stop, integration=integration, trainable=trainable, groups=groups,
        )  # fmt: skip


class MCellNN(ArrayLayer):
    """An array of cells with a memristor: C dv/dt = -v/R - area i(v, x) + (1/R) [A*y + B*u + z V1], dx/dt = g(v, x).

    As `CellNN`, with any memristor of `devices`, its area relative to the device of its model, and its state x0 at the
    start: a number, or one per channel. `trainable` may name C, V1, area and x0. Below about 0.2 V a TaOx memristor is
    a static nonlinear conductor; from 0.5 V on its state moves within a microsecond.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        *,
        kernel: int = 3,
        start_kernel: int | None = None,
        C: float = 1e-9,
        R: float = 1e3,
        voltage_unit: float = 0.1,
        output: OutputStage = Saturation(),
        memristor: Memristor = StrachanTaOx(),
        area: float = 0.1,
        x0: float | Sequence[float] = 0.1,
        boundary: Any = "zero-flux",
        stop: float = 2e-6,
        integration: Integration | None = None,
        trainable: Sequence[str] = (),
        groups: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        cell = MemristiveCell(C, R, voltage_unit, output, area, memristor)
        super().__init__(
            in_channels, channels, cell, kernel, start_kernel, generator, boundary=boundary, stop=stop,
            integration=integration, x0=x0, trainable=trainable, groups=groups,
        )  # fmt: skip
