"""The array by torchdiffeq's dopri5, with the right-hand side that is faster here: conv2d, or shifted sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import conv2d, pad
from torchdiffeq import odeint

from .arrays import TOLERANCE, BenchArray

DTYPES = {"double": torch.float64, "single": torch.float32}


class TorchdiffeqSide:
    """One array in one precision; without gradients, on as many threads as torch takes."""

    def __init__(self, array: BenchArray, precision: str) -> None:
        kind = DTYPES[precision]
        self._start, self._drive = (torch.from_numpy(values).to(kind) for values in (array.start, array.drive))
        self._weights = torch.from_numpy(array.A).to(kind)
        self._taps = array.A[0, 0].tolist()
        self._edge = array.padding == "edge"
        self.sides: dict[str, Callable[[Tensor], Tensor]] = {"conv2d": self._convolution}
        if len(array.A) == 1:
            self.sides["shifted sums"] = self._shifts

    def _padded(self, v: Tensor) -> Tensor:
        return pad(v.clamp(-1, 1), (1, 1, 1, 1), mode="replicate" if self._edge else "constant")

    def _convolution(self, v: Tensor) -> Tensor:
        if self._edge:
            return conv2d(self._padded(v), self._weights).add_(self._drive).sub_(v)
        return conv2d(v.clamp(-1, 1), self._weights, padding=1).add_(self._drive).sub_(v)

    def _shifts(self, v: Tensor) -> Tensor:
        y, rates = self._padded(v), self._drive - v
        rows, columns = v.shape[2:]
        for k, row in enumerate(self._taps):
            for m, weight in enumerate(row):
                rates.add_(y[:, :, k : k + rows, m : m + columns], alpha=weight)
        return rates

    @torch.no_grad()
    def run(self, side: str, stop: float, tolerance: float = TOLERANCE) -> NDArray[np.floating]:
        """The final state (samples, channels, rows, columns)."""
        rates = self.sides[side]
        times = torch.tensor([0.0, stop], dtype=self._start.dtype)
        ends = odeint(lambda t, v: rates(v), self._start, times, rtol=tolerance, atol=tolerance, method="dopri5")
        return np.asarray(ends[-1])
