"""Weights as a chip would have them: their levels, their mean, and the spread between cells and runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...circuits.hardware import Hardware
from .moments import ConductanceMoments
from .through import straight_through


@dataclass(frozen=True, eq=False)
class MadeWeights:
    """Turns designed weights into their mean on a chip, with the gradient of the designed ones, and their spread."""

    hardware: Hardware
    moments: ConductanceMoments

    @classmethod
    def of(cls, hardware: Hardware) -> MadeWeights:
        """Of the hardware's programming, drift, faults and read noise."""
        effects = [e for e in (*hardware.programmed, *hardware.read_noise) if e is not hardware.quantiser]
        return cls(hardware, ConductanceMoments.of(hardware, effects))

    def __call__(self, weights: Tensor, largest: float) -> tuple[Tensor, Tensor]:
        """The mean of every weight, and its standard deviation from cell to cell, both shaped as the weights.

        `largest` is the largest |w| of the array, which takes the whole range of conductances. Gradients pass the
        levels straight through; the spread is a number for them.
        """
        chip = self.hardware
        scale = chip.pair.scale(largest)
        mean = weights
        if chip.quantiser is not None:
            level = chip.quantiser.step(chip.pair.low, chip.pair.high) / scale
            mean = straight_through(weights, torch.round(weights / level) * level)
        w = mean.detach().double().cpu().numpy()
        sides = chip.pair.programmed(w, scale)
        shift = (self.moments.shift(sides[0]) - self.moments.shift(sides[1])) / scale
        variance = (self.moments.variance(sides[0]) + self.moments.variance(sides[1])) / scale**2
        variance += np.square(chip.weights.local * w)
        mean = straight_through(mean, mean + torch.from_numpy(shift).to(mean))
        return mean, torch.from_numpy(np.sqrt(variance)).to(weights)
