"""Amplifiers that are not ideal: the data sheet's limits, and an input offset of its own for each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..op_amp import OpAmp
from ..parameter import parameter
from .effect import CHIP, Array, Effect
from .spread import FARTHEST, truncated


@dataclass(frozen=True)
class OpAmps(Effect):
    """Amplifiers of one data sheet. Their offsets are normal around `op_amp.offset`, truncated at four standard
    deviations, and move with the temperature; `trim` is what is left of all that after trimming or auto-zeroing.

    The defaults are a TL08x; zero-drift amplifiers have 10 uV at most (TI SBOS351, OPA333).
    """

    name = "op-amps"
    when = CHIP
    paper = "Texas Instruments SLOS081G (TL08x): 3 mV and 18 uV/K typical, 3 MHz, 200 V/mV, 13 V/us"

    op_amp: OpAmp = OpAmp()
    offset_spread: float = parameter(3e-3, "V", "standard deviation of the input offset", low=0, high=0.1)
    offset_drift: float = parameter(18e-6, "V/K", "standard deviation of its temperature coefficient", low=0, high=1e-3)
    trim: float = parameter(1.0, "1", "share of the offset that trimming leaves", low=0, high=1)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return True

    @property
    def trimmed(self) -> OpAmp:
        """The amplifier, with what is left of the offset that all of them have."""
        return replace(self.op_amp, offset=self.trim * self.op_amp.offset)

    def offsets(self, shape: tuple[int, ...], warmer: float, generator: np.random.Generator) -> Array | None:
        """Each amplifier's own offset [V] on a chip `warmer` [K] than 300 K; None where there is none."""
        sigma, drift = self.trim * self.offset_spread, self.trim * self.offset_drift * warmer
        if sigma == 0.0 and drift == 0.0:
            return None
        # both are drawn, so that the offset is the same chip's whatever the temperature
        fixed = truncated(shape, FARTHEST, generator)
        return sigma * fixed + drift * truncated(shape, FARTHEST, generator)
