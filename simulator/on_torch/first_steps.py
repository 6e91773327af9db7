"""The first step of every sample of a batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Steps = NDArray[np.float64]


def first_steps(
    rates: Callable[[Tensor], Tensor], state: Tensor, rate: Tensor, order: int, rtol: float, atol: Steps, limit: float
) -> Steps:
    """First steps [s] (samples,), each at most `limit`, from the size of the rates and of their change (Hairer,
    Norsett & Wanner I, section II.4); NaN where the rates at the start are not finite.

    Ratios are taken in float64: in single precision a fast rate over a small tolerance may overflow.
    """
    scale = torch.as_tensor(atol, device=state.device).view(-1, 1, 1, 1, 1) + rtol * state.abs().double()

    def largest(values: Tensor) -> Steps:
        found: Steps = (values.double().abs() / scale).amax(dim=(0, 2, 3, 4)).cpu().numpy()
        return found

    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        d0, d1 = largest(state), largest(rate)
        h0 = np.minimum(np.where((d0 < 1e-5) | (d1 < 1e-5), 1e-6 * limit, 0.01 * d0 / d1), limit)
        by_sample = torch.as_tensor(h0, dtype=state.dtype, device=state.device).view(1, -1, 1, 1, 1)
        d2 = largest(rates(state + by_sample * rate) - rate) / h0
        top = np.maximum(d1, d2)
        h1 = np.where(top <= 1e-15, np.maximum(1e-6 * limit, h0 * 1e-3), (0.01 / top) ** (1.0 / order))
        first = np.where(np.isfinite(top), np.minimum(np.minimum(100.0 * h0, h1), limit), h0 * 1e-3)
    return np.where(np.isfinite(d1), first, np.nan)
