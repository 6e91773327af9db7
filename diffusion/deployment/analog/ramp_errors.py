"""The ramp as it is made: wrong slope, bent, and read at times that tremble."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ....devices.parameter import check_parameters, parameter


@dataclass(frozen=True)
class RampErrors:
    """u becomes (1 + slope) u + 4 bow u (1 - u), held within 0 to 1; the network reads it with `jitter` besides.

    The multiplying stages see the ramp as it is made; the end is the clock's. A bow beyond 1/4 would turn it back.
    """

    slope: float = parameter(0.0, "1", "relative error of the slope: current source, capacitor", low=-0.5, high=0.5)
    bow: float = parameter(0.0, "1", "deviation in the middle, of the full scale", low=-0.2, high=0.2)
    jitter: float = parameter(0.0, "1", "spread of each reading, of the full scale", low=0.0, high=0.2)

    def __post_init__(self) -> None:
        check_parameters(self)

    def made(self, u: Tensor) -> Tensor:
        """The ramp that stands where u should; the same bits where it is ideal."""
        if self.slope == 0.0 and self.bow == 0.0:
            return u
        return ((1.0 + self.slope) * u + 4.0 * self.bow * u * (1.0 - u)).clamp(0.0, 1.0)

    def read(self, u: Tensor, normal: Tensor) -> Tensor:
        """What the network reads of a made ramp, with a normal number for each reading."""
        return torch.clamp(u + self.jitter * normal.to(u), 0.0, 1.0)
