"""A classifier as a source: cross-entropy in training, accuracy as the measure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from ...training.streams import stream
from .network import Classifier
from .pictures import SourcePictures
from .spec import ClassifierSpec

AT_ONCE = 250
"""Pictures measured at once."""
WARMUP = 50
"""Steps over which the learning rate rises."""


@dataclass(eq=False)
class Classification:
    """See `Source`."""

    spec: ClassifierSpec
    pictures: SourcePictures
    seed: int
    trained: bool = False
    """Whether it comes trained: there is no first stage then."""
    network: Classifier = field(init=False)
    measure: ClassVar[str] = "accuracy"

    def __post_init__(self) -> None:
        data = self.pictures.data
        self.network = Classifier(self.spec, data.picture, len(data.classes), stream(self.seed, "classifier"))

    @property
    def base_steps(self) -> int:
        """See `Source`."""
        if self.trained:
            return 0
        return self.spec.training.epochs * len(self.pictures.train[0]) // self.pictures.spec.batch

    def base_rate(self, step: int) -> float:
        """See `Source`."""
        cosine = 0.5 * (1.0 + math.cos(math.pi * step / self.base_steps))
        return self.spec.training.learning_rate * min(1.0, (step + 1) / WARMUP) * cosine

    def loss(self, step: int) -> Tensor:
        """See `Source`."""
        pictures, labels = self.pictures.of_step(step)
        return functional.cross_entropy(self.network(pictures), labels)

    def scores(self) -> Tensor:
        """1 for each test picture whose class is recognised, else 0."""
        logits = self.logits(self.pictures.test[0])
        return (logits.argmax(1) == self.pictures.test[1]).double()

    @torch.no_grad()
    def logits(self, pictures: Tensor) -> Tensor:
        """(n, classes)."""
        return torch.cat([self.network(part) for part in torch.split(pictures, AT_ONCE)])

    def about(self) -> dict[str, Any]:
        """See `Source`."""
        return {"classifier": self.spec.model_dump(mode="json"), "data": self.pictures.about(), "seed": self.seed}
