"""Pictures as the classifier sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..launched import ALONE, Processes
from .frechet import Array
from .lenet import LeNet, outputs


@dataclass(frozen=True, eq=False)
class Seen:
    """Images (n, channels, rows, columns), features (n, 84), the predicted class (n,) and its probability (n,), and
    the labels (n,) they came with, if any."""

    images: Tensor
    features: Array
    predicted: NDArray[np.int64]
    confidence: Array
    labels: Any

    def __len__(self) -> int:
        return len(self.images)


def see(network: LeNet, images: Tensor, labels: Any, places: Processes = ALONE) -> Seen:
    """Images in [-1, 1] through the classifier."""
    features, probabilities = outputs(network, images, places=places)
    confidence, predicted = probabilities.max(1)
    return Seen(images, features.numpy(), predicted.numpy(), confidence.numpy(), labels)
