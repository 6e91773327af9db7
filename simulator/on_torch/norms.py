"""What is measured on the device about a batch of proposals, and the one small tensor it comes back in."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Tolerances:
    """What a number format can hold: errors below its rounding would only be chased in vain."""

    def __init__(self, dtype: torch.dtype) -> None:
        limits = torch.finfo(dtype)
        self._floor = 10.0 * limits.eps if dtype != torch.float64 else 0.0
        self._shortest = limits.tiny

    def attainable(
        self, rtol: float, atol: NDArray[np.float64], units: NDArray[np.float64]
    ) -> tuple[float, NDArray[np.float64]]:
        """rtol and atol (states,), held to no less than ten times the rounding of single precision."""
        return max(rtol, self._floor), np.maximum(atol, self._floor * units)

    def vanishing(self, h: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which steps h [s] are lost in the number format: they would seem to be without error."""
        return (h > 0.0) & (h < self._shortest)


def worst_ratios(error: Tensor, before: Tensor, after: Tensor, rtol: float, atol: Tensor) -> Tensor:
    """(2, samples) float64: per sample the largest |error| / (atol + rtol max(|before|, |after|)) over its cells and
    states, NaN if any is, and the flat index (states, channels, rows, columns) where it is.

    The others are (states, samples, channels, rows, columns), atol (states, 1, 1, 1, 1).
    """
    ratio = error.abs() / (atol + rtol * torch.maximum(before.abs(), after.abs()))
    by_state, cells = ratio.flatten(2).max(dim=2)
    worst, state = by_state.max(dim=0)
    cell = cells.gather(0, state.unsqueeze(0)).squeeze(0)
    return torch.stack((worst.double(), (state * ratio[0, 0].numel() + cell).double()))


def unsound(proposed: Tensor, voltage_limit: float) -> tuple[int, int, str] | None:
    """The first sample with a state that is "not finite" or a voltage that "ran away": (sample, flat index, which).

    One truth value comes back from the device, more only when something is wrong.
    """
    limits = torch.full_like(proposed[:, :1, :1, :1, :1], torch.finfo(proposed.dtype).max)
    limits[0] = voltage_limit
    if bool((proposed.abs() <= limits).all()):
        return None
    states = proposed.cpu().numpy().swapaxes(0, 1)
    for sample, state in enumerate(states):
        wrong = np.flatnonzero(~np.isfinite(state))
        if wrong.size:
            return sample, int(wrong[0]), "not finite"
        v = np.abs(state[0])
        if v.max() > voltage_limit:
            return sample, int(v.argmax()), "ran away"
    return None
