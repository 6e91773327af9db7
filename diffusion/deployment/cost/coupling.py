"""Sums over a neighbourhood, with weights that are the same or different in every cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ....circuits.boundary import Boundary
from ....simulator.feed import own_feed

Array = NDArray[np.floating[Any]]


def coupled(values: Array, weights: Array, boundary: Boundary) -> Array:
    """sum w value over neighbours and channels, (n, out, rows, columns), of values (n, in, rows, columns).

    Weights are (out, in, kernel rows, kernel columns), or (1, the same, rows, columns). The boundary is that of the
    values; results have their precision.
    """
    alike = weights.ndim == 4
    height, width = weights.shape[-2:] if alike else weights.shape[3:5]
    padded = boundary.pad(values, height // 2, width // 2)
    if not alike:
        return own_feed(padded.astype(weights.dtype, copy=False), weights).astype(values.dtype, copy=False)
    kernels = torch.tensor(weights.astype(values.dtype, copy=False))
    return np.asarray(torch.nn.functional.conv2d(torch.from_numpy(padded), kernels).numpy())


def of_powers(boundary: Boundary, power: int) -> Boundary:
    """The boundary of |value|^power, where `boundary` is that of the values."""
    return Boundary(boundary.kind, abs(boundary.value) ** power)
