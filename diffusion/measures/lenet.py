"""LeNet-5, the small classifier whose features the measures use (LeCun, Bottou, Bengio, Haffner 1998)."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

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
def outputs(network: LeNet, images: Tensor, batch: int = 500) -> tuple[Tensor, Tensor]:
    """Features (n, 84) in float64 and class probabilities (n, classes) of images in [-1, 1], batch by batch."""

    def parts() -> Iterator[tuple[Tensor, Tensor]]:
        for chunk in torch.split(images, batch):
            features = network.features(chunk)
            yield features.double(), network.last(features).double().softmax(1)

    features, probabilities = zip(*parts(), strict=True)
    return torch.cat(features), torch.cat(probabilities)
