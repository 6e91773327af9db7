"""What the blocks of a network meet in a generation: recorded once, and put to chip and deck alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...networks.blocks.cells import blocks_of
from ...networks.watch import watched
from ..noised import Questions

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Met:
    """What stands at one block in one question, in units of V1: u (in, rows, columns), and the diffusion step's gain
    and bias (channels,)."""

    u: Array
    gain: Array
    bias: Array

    def batch(self) -> tuple[Array, Array, Array]:
        """The three as a batch of one."""
        return self.u[np.newaxis], self.gain[np.newaxis], self.bias[np.newaxis]


@torch.no_grad()
def met_by(network: nn.Module, question: Questions) -> dict[str, Met]:
    """What each block of the ideal network meets in the first of these questions, by the blocks' names.

    Raises InputError for a network without arrays.
    """
    found: dict[str, Met] = {}
    blocks = blocks_of(network)

    def keep(name: str, given: tuple[Tensor, Tensor], _: Tensor) -> None:
        u, condition = given
        gain, bias = blocks[name].gain_and_bias(condition)
        found[name] = Met(*(value[0].double().numpy().copy() for value in (u, gain, bias)))

    with watched(blocks, keep):
        network(question.x[:1], question.t[:1], None if question.label is None else question.label[:1])
    return found
