"""LeNet-5, the small classifier whose features the measures use (LeCun, Bottou, Bengio, Haffner 1998)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..launched import ALONE, Processes

FEATURES = 84


class LeNet(nn.Module):
    """Two convolutions, 120 and 84 features, the classes; ReLU and maximum pooling in place of the paper's.

    Takes (n, channels, rows, columns) in [-1, 1] of 8 x 8 pixels or more; 61,706 parameters for MNIST.
    """

    def __init__(self, picture: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        channels, rows, columns = picture
        margin = 2 if min(rows, columns) < 16 else 0  # small pictures keep their size in the second convolution
        left = [(size // 2 + 2 * margin - 4) // 2 for size in (rows, columns)]
        self.first = nn.Conv2d(channels, 6, 5, padding=2)
        self.second = nn.Conv2d(6, 16, 5, padding=margin)
        self.third = nn.Linear(16 * left[0] * left[1], 120)
        self.fourth = nn.Linear(120, FEATURES)
        self.last = nn.Linear(FEATURES, classes)

    def features(self, x: Tensor) -> Tensor:
        """(n, 84), after the ReLU before the last layer."""
        x = functional.max_pool2d(functional.relu(self.first(x)), 2)
        x = functional.max_pool2d(functional.relu(self.second(x)), 2)
        x = functional.relu(self.third(x.flatten(1)))
        return functional.relu(self.fourth(x))

    def forward(self, x: Tensor) -> Tensor:
        """(n, classes), the logits."""
        return self.last(self.features(x))


@torch.no_grad()
def outputs(network: LeNet, images: Tensor, batch: int = 500, places: Processes = ALONE) -> tuple[Tensor, Tensor]:
    """Features (n, 84) in float64 and class probabilities (n, classes) of images in [-1, 1], batch by batch; of several
    processes each takes every so manieth, and all get all."""
    widths = FEATURES, network.last.out_features
    found = [torch.zeros(len(images), width, dtype=torch.float64) for width in widths]
    for number, start in enumerate(range(0, len(images), batch)):
        if number % places.count == places.number:
            features = network.features(images[start : start + batch])
            found[0][start : start + batch] = features.double()
            found[1][start : start + batch] = network.last(features).double().softmax(1)
    return places.gathered(found[0]), places.gathered(found[1])
