"""Folding: what a block was trained as becomes what an array is programmed with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...circuits.array import CellArray
from ...circuits.boundary import Boundary
from ...circuits.cells import CellCircuit
from ...circuits.template import Template
from ...devices.errors import InputError
from ..networks.blocks.cells import CellBlock, in_use

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FoldedBlock:
    """A block in use: y(stop) of the array under  gain (B*u) + z,  read out as  readout y + offset.

    A and B are programmed once; gain and z belong to the diffusion step, an amplifier and a bias for each channel. Both
    norms are gone: N(B*u) = scale (B*u) + shift makes B the trained one times scale, and z = gain shift + bias.
    """

    name: str
    cell: CellCircuit
    boundary: Boundary
    stop: float
    """s."""
    x0: tuple[float, ...]
    """The memristors' start in each channel; empty where there are none."""
    A: Array
    B: Array
    shift: Array
    """(channels,), in units of V1, before the gain."""
    readout: Array
    offset: Array

    @classmethod
    @torch.no_grad()
    def of(cls, name: str, block: CellBlock) -> FoldedBlock:
        """Fold a block. Raises InputError where C, V1 or area were trained to differ between channels."""
        dynamics = block.dynamics
        given = dynamics.quantities.now()
        cell = dynamics.cell
        for quantity, values in given.items():
            if quantity != "x0":
                if len(set(values)) > 1:
                    expected = "one value for all channels: an array has equal cells by design"
                    raise InputError(f"network.trainable.{quantity}", values[:3], expected)
                cell = type(cell)(**{**vars(cell), quantity: values[0]})
        scale, shift = in_use(block.norm)
        readout, offset = in_use(block.readout)
        B = block.B * scale[:, None, None, None]
        numbers = [_array(value) for value in (dynamics.A, B, shift, readout, offset)]
        x0 = tuple(dynamics.quantities.starts()) if dynamics.quantities.memristive else ()
        return cls(name, cell, dynamics.boundary, dynamics.stop, x0, *numbers)

    @property
    def channels(self) -> int:
        """The number of planes of cells."""
        return len(self.A)

    def array(self, rows: int, columns: int) -> CellArray:
        """The array as designed, for planes of this size; its bias, which belongs to the diffusion step, is 0."""
        x0 = None
        if self.x0:
            x0 = np.broadcast_to(np.reshape(self.x0, (-1, 1, 1)), (self.channels, rows, columns))
        template = Template.of(A=self.A, B=self.B, z=np.zeros(self.channels), channels=self.channels)
        return CellArray(self.name, self.cell, template, self.boundary, rows, columns, 0.0, x0)

    def largest_weight(self) -> float:
        """The largest |w|, which takes the whole range of conductances."""
        return float(max(np.abs(self.A).max(initial=0.0), np.abs(self.B).max(initial=0.0)))


def _array(value: Tensor) -> Array:
    return value.detach().double().numpy().copy()
