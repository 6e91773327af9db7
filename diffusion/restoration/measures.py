"""How near restored pictures come to the true ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor
from torchmetrics.functional.image import peak_signal_noise_ratio

from ..measures.frechet import Array
from ..measures.lenet import LeNet
from ..measures.similarity import ssim
from .lenet_distance import lenet_distance

Measure = Callable[[LeNet, Tensor, Tensor], Array]
"""(n,) of restored and true pictures (n, channels, rows, columns) in [-1, 1]."""


def psnr(restored: Tensor, true: Tensor) -> Array:
    """(n,) peak signal-to-noise ratio [dB]: 10 log10(2^2 / mean squared error), as black to white is 2."""
    found = peak_signal_noise_ratio(restored, true, data_range=2.0, reduction="none", dim=(1, 2, 3))
    return np.asarray(found, dtype=np.float64)


MEASURES: dict[str, Measure] = {
    "ssim": lambda network, restored, true: ssim(restored, true),
    "psnr": lambda network, restored, true: psnr(restored, true),
    "lenet_distance": lenet_distance,
}
BETTER = {"ssim": "higher", "psnr": "higher", "lenet_distance": "lower"}
