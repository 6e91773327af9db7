"""The coupling on tensors: a correlation over the padded outputs."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...circuits.boundary import Boundary

MOST_TAPS = 32
"""Up to so many weights that are not 0, shifted planes are summed: a convolution library is made for many channels
(one-channel conv2d reaches less than a hundredth of its rate), and a compiler fuses the sum with what surrounds it."""


class TensorCoupling:
    """The correlation with weights (out, in, height, width) under one boundary; the planes are rows x columns.

    `beyond` is the fixed boundary's value in the units of what is coupled (V).
    """

    def __init__(
        self, weights: NDArray[np.float64], boundary: Boundary, rows: int, columns: int, beyond: float, like: Tensor
    ) -> None:
        _, _, height, width = weights.shape
        self._size = rows, columns
        self._reach = height // 2, width // 2
        self._beyond = beyond if boundary.kind == "fixed" else None
        # the cells that stand in for those outside, from the definition every backend has to match; torch's own
        # padding refuses a kernel that reaches around a small array more than once
        index = boundary.pad(np.arange(rows * columns).reshape(rows, columns), *self._reach)
        self._index = torch.as_tensor(index, device=like.device)
        self._weights = torch.tensor(weights, dtype=like.dtype, device=like.device)
        taps = [(out, into, k, m, float(weights[out, into, k, m])) for out, into, k, m in np.argwhere(weights).tolist()]
        self._taps = [[tap[1:] for tap in taps if tap[0] == out] for out in range(len(weights))]
        self._few = len(taps) <= MOST_TAPS
        self._silent = not taps

    def added(self, feed: Tensor, values: Tensor) -> Tensor:
        """`feed` (samples, out, rows, columns) plus what the values (samples, in, rows, columns) give."""
        if self._silent:
            return feed
        padded = self._padded(values)
        if not self._few:
            return feed + functional.conv2d(padded, self._weights)
        rows, columns = self._size
        planes = []
        for out, taps in enumerate(self._taps):
            total = feed[:, out]
            for into, k, m, weight in taps:
                total = torch.add(total, padded[:, into, k : k + rows, m : m + columns], alpha=weight)
            planes.append(total)
        return torch.stack(planes, dim=1)

    def _padded(self, values: Tensor) -> Tensor:
        above, left = self._reach
        if above == left == 0:
            return values
        if self._beyond is not None:
            return functional.pad(values, (left, left, above, above), value=self._beyond)
        return values.flatten(-2)[..., self._index]
