"""The coupling on tensors: a correlation over the padded outputs, with equal weights everywhere or a cell's own."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...circuits.array import CellArray
from .padding import TensorPadding

MOST_TAPS = 32
"""Up to so many weights that are not 0, shifted planes are summed: a convolution library is made for many channels
(one-channel conv2d reaches less than a hundredth of its rate), and a compiler fuses the sum with what surrounds it."""

Weights = NDArray[np.float64]


class TensorCoupling:
    """The feedback of an array, A y: template weights (out, in, height, width), or weights at each cell
    (chips, out, in, height, width, rows, columns), chips 1 or the number of samples."""

    def __init__(self, array: CellArray, like: Tensor) -> None:
        own = None if array.own is None else array.own.A
        weights = array.template.A if own is None else own
        self._own = own is not None
        self._size = rows, columns = array.rows, array.columns
        self._kernel = height, width = array.template.A.shape[2:]
        beyond = array.boundary.value * array.cell.V1
        self._pad = TensorPadding(array.boundary, rows, columns, height // 2, width // 2, beyond, like.device)
        used = weights if own is None else own.any(axis=(0, -2, -1))
        taps = np.argwhere(used).tolist()
        self._silent, self._few = not taps, len(taps) <= MOST_TAPS
        # by channel: (in, row and column in the kernel, the weight: a number, or a tensor (chips, rows, columns))
        self._taps: list[list[tuple[int, int, int, float | Tensor]]] = [[] for _ in range(array.channels)]
        if self._few:
            for out, into, k, m in taps:
                weight = float(weights[out, into, k, m]) if own is None else _tensor(own[:, out, into, k, m], like)
                self._taps[out].append((into, k, m, weight))
        elif own is None:
            self._weights = _tensor(weights, like)
        else:
            # (chips, cells, out, in x height x width): one small matrix for each cell, read in one piece
            chips, outs = own.shape[:2]
            by_cell = np.moveaxis(own.reshape(chips, outs, -1, rows * columns), -1, 1)
            self._weights = _tensor(by_cell, like)

    def added(self, feed: Tensor, values: Tensor) -> Tensor:
        """`feed` (samples, out, rows, columns) plus what the values (samples, in, rows, columns) give."""
        if self._silent:
            return feed
        padded = self._pad(values)
        if self._few:
            return self._planes(feed, padded)
        return feed + (self._by_cell(padded) if self._own else functional.conv2d(padded, self._weights))

    def _planes(self, feed: Tensor, padded: Tensor) -> Tensor:
        rows, columns = self._size
        planes = []
        for out, taps in enumerate(self._taps):
            total = feed[:, out]
            for into, k, m, weight in taps:
                shifted = padded[:, into, k : k + rows, m : m + columns]
                if isinstance(weight, Tensor):
                    total = torch.addcmul(total, weight, shifted)
                else:
                    total = torch.add(total, shifted, alpha=weight)
            planes.append(total)
        return torch.stack(planes, dim=1)

    def _by_cell(self, padded: Tensor) -> Tensor:
        (rows, columns), (height, width), samples = self._size, self._kernel, len(padded)
        windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (samples, in, rows, columns, height, width)
        windows = windows.permute(2, 3, 1, 4, 5, 0).reshape(rows * columns, -1, samples)
        if len(self._weights) == 1:  # each cell's matrix meets all samples at once: the weights are read once a batch
            product = torch.matmul(self._weights[0], windows).permute(2, 1, 0)
        else:
            product = torch.matmul(self._weights, windows.permute(2, 0, 1).unsqueeze(-1)).squeeze(-1).transpose(1, 2)
        return product.reshape(samples, -1, rows, columns)


def _tensor(values: Weights, like: Tensor) -> Tensor:
    return torch.tensor(np.ascontiguousarray(values), dtype=like.dtype, device=like.device)
