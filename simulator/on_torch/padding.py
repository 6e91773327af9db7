"""The cells beyond the edge, on tensors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...circuits.boundary import Boundary


class TensorPadding:
    """Adds `above` rows and `left` columns of cells outside on each side of planes of rows x columns.

    `beyond` is the fixed boundary's value in the units of what is padded (V).
    """

    def __init__(
        self, boundary: Boundary, rows: int, columns: int, above: int, left: int, beyond: float, device: torch.device
    ) -> None:
        self._none = above == left == 0
        self._width = left, left, above, above
        self._beyond = beyond if boundary.kind == "fixed" else None
        # the cells that stand in for those outside, from the definition every backend has to match; torch's own
        # padding refuses a kernel that reaches around a small array more than once
        index = boundary.pad(np.arange(rows * columns).reshape(rows, columns), above, left)
        self._index = torch.as_tensor(index.astype(np.int64), device=device)

    def __call__(self, values: Tensor) -> Tensor:
        """(..., rows, columns) with the cells outside."""
        if self._none:
            return values
        if self._beyond is not None:
            return functional.pad(values, self._width, value=self._beyond)
        return values.flatten(-2)[..., self._index]
