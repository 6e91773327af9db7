"""The second-order array as a torch layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ...circuits.cells import SecondOrder
from ...circuits.outputs import OutputStage, Saturation
from .cellnn import ArrayLayer
from .integration import Integration


class SecondOrderCellNN(ArrayLayer):
    """An array of cells with R, L and C in series: R C dv/dt = w, (L/R) dw/dt = A*y + B*u + z V1 - v - w.

    As `CellNN`, with an inductance L [H]; the quality factor sqrt(L/C)/R is above 1/2 where cells ring. Cells start
    without current. `trainable` may name C and L, per channel.
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
        L: float = 1e-3,
        voltage_unit: float = 1.0,
        output: OutputStage = Saturation(),
        boundary: Any = "zero-flux",
        stop: float = 2e-6,
        integration: Integration | None = None,
        trainable: Sequence[str] = (),
        groups: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        cell = SecondOrder(C, R, voltage_unit, output, L)
        super().__init__(
            in_channels, channels, cell, kernel, start_kernel, generator, boundary=boundary, stop=stop,
            integration=integration, trainable=trainable, groups=groups,
        )  # fmt: skip
