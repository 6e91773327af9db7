"""A network in training whose arrays are as a chip would have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from ...circuits.hardware import Hardware
from ..layers import ArrayDynamics
from ..layers.coupling import correlate
from ..networks.blocks.cells import CellBlock, blocks_of, in_use
from ..networks.ranges import Range
from .amplifiers import Amplifiers
from .cells import check_spreads, shifts
from .through import converted
from .weights import MadeWeights


class _States(nn.Module):
    """The states at the stop, as a module's forward: which can be called with other weights."""

    def __init__(self, dynamics: ArrayDynamics) -> None:
        super().__init__()
        self.dynamics = dynamics

    def forward(self, feed: Tensor) -> Tensor:
        """(states, n, channels, rows, columns)."""
        return self.dynamics.states(feed)


@dataclass(frozen=True, eq=False)
class Imperfect:
    """A block's way through an array that is not ideal, drawn afresh at every call from torch's own generator.

    Its norms keep the statistics they have, as on a chip, where they are part of weights and readout.

    - Weights have their levels and their mean on a chip; their scatter from cell to cell is added to what is fed in:
      normal, of the variance sum_k spread_k^2 u_k^2, which is the distribution of a cell with devices of its own
      (D. P. Kingma, T. Salimans, M. Welling, arXiv 1506.02557 (2015)). That of A is one draw for all cells of a step.
    - Gains and offsets of summing nodes are drawn for every cell and act on what is fed in.
    - R, C and the run's stop: `cells.shifts`; amplifiers: `Amplifiers`.
    - Converters clip and round; gradients pass straight through.
    """

    hardware: Hardware
    range: Range
    made: MadeWeights

    def __call__(self, block: CellBlock, u: Tensor, condition: Tensor) -> Tensor:
        """What `CellBlock.forward` gives, of a chip."""
        chip, dynamics = self.hardware, block.dynamics
        gain, bias = block.gain_and_bias(condition)
        scale, shift = in_use(block.norm)
        readout, offset = in_use(block.readout)
        B = block.B * scale[:, None, None, None]
        largest = float(torch.maximum(B.detach().abs().max(), dynamics.A.detach().abs().max()))
        amplifiers = Amplifiers.of(chip, dynamics.cell, dynamics.A, B, largest)
        (A, spread_A), (B, spread_B) = self.made(dynamics.A, largest), self.made(B, largest)
        A = A + spread_A * torch.randn_like(spread_A)
        driven = converted(u, chip.into, self.range.input)
        fed = correlate(driven, B, dynamics.boundary)
        with torch.no_grad():
            variance = correlate(driven.square(), spread_B.square(), dynamics.boundary)
            scatter = variance.clamp(min=0.0).sqrt() * torch.randn_like(variance)
        feed = torch.addcmul(_of(bias), fed + scatter + _of(shift), _of(gain))
        if chip.gain.local:
            feed = feed * (1 + chip.gain.local * torch.randn_like(feed))
        if chip.offset.local:
            feed = feed + chip.offset.local * torch.randn_like(feed)
        before: Tensor | float = 0.0
        after: Tensor | float = 0.0
        late = 0.0
        if amplifiers is not None:
            fed_in, before, after = amplifiers.offsets(feed)
            late = amplifiers.late(dynamics.stop, chip.time_scale)
            feed = feed + fed_in
        states = functional_call(_States(dynamics), {"dynamics.A": A}, (feed,))
        s = states[0] + shifts(dynamics, states, feed, A, chip, late) + before
        y = converted(dynamics.equations(feed).output(s) + after, chip.out, self.range.output)
        return block.around(u) + torch.addcmul(_of(offset), y, _of(readout))


def make_imperfect(network: nn.Module, hardware: Hardware, ranges: Mapping[str, Range]) -> None:
    """From now on the network's arrays are, in training, as chips with these effects have them.

    Raises InputError for a network without arrays, and for spreads of R, C or L of second-order cells.
    """
    made = MadeWeights.of(hardware)
    for name, block in blocks_of(network).items():
        check_spreads(block.dynamics, hardware)
        block.imperfect = Imperfect(hardware, ranges[name], made)


def _of(values: Tensor) -> Tensor:
    """Of channels (.., channels), to multiply planes with."""
    return values[..., None, None]
