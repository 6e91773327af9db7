"""Amplifiers that are not ideal: what their offsets add, and how late they are, relative to a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ...circuits.cells import CellCircuit
from ...circuits.hardware import Hardware
from ...circuits.hardware.amplified import Amplified, amplified


@dataclass(frozen=True, eq=False)
class Amplifiers:
    """Those of one array in one step, to first order in offsets and delays (`circuits.hardware.amplified`).

    `loading` is the sum of conductances at a summing node in units of 1/R, `spread` the offsets' in units of V1.
    """

    cell: Amplified
    loading: float
    spread: float

    @classmethod
    def of(cls, hardware: Hardware, cell: CellCircuit, A: Tensor, B: Tensor, largest: float) -> Amplifiers | None:
        """None where they are ideal. A and B (channels, ..) are the weights, `largest` the largest of them."""
        amplifiers, heat = hardware.op_amps, hardware.temperature
        if amplifiers is None:
            return None
        resting = 2.0 * hardware.pair.low / hardware.pair.scale(largest)
        sides = [(w.detach().abs() + resting).flatten(1).sum(1) for w in (A, B)]
        loading = float((sides[0] + sides[1]).max())
        trim, warmer = amplifiers.trim, heat.warmer
        spread = trim * math.hypot(amplifiers.offset_spread, amplifiers.offset_drift * warmer) / cell.V1
        return cls(amplified(cell, amplifiers.trimmed, loading), loading, spread)

    def late(self, stop: float, time_scale: float) -> float:
        """By which share of the run to its `stop` [s] the outputs are behind ideal ones."""
        cell, w = self.cell, 2.0 * math.pi * self.cell.op_amp.GBW
        slower = self.loading / (w * cell.R * cell.C * time_scale)
        return slower + cell.delay / (stop * time_scale)

    def offsets(self, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """In units of V1, for every cell: what adds to what is fed in, to v where it meets the output stage, and to
        the output: -L e1, e2 - e1 and e2 + e3, e1 to e3 being the offsets of integrator, output stage and driver."""
        given = self.cell.op_amp.offset / self.cell.V1
        e1, e2, e3 = given + self.spread * torch.randn(3, *like.shape, dtype=like.dtype, device=like.device)
        return -self.loading * e1, e2 - e1, e2 + e3
