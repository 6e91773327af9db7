"""Collected parameters as data for the training loop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.read_config import ConfigText
from ..vectors import Collection, read_collection
from .config import ParametersConfig
from .scaling import Scaling


@dataclass(frozen=True, eq=False)
class VectorData:
    """A part of a collection: vectors (n, size) as they are, and what is told of each (n, m) or None."""

    collection: Collection
    scaling: Scaling
    vectors: Tensor
    conditions: Tensor | None
    name: str
    files: dict[str, str]
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def picture(self) -> tuple[int]:
        """(numbers in a vector,)."""
        return (self.vectors.shape[1],)

    def normalised(self, index: Any = slice(None)) -> Tensor:
        """(n, size) of mean 0 and the spread 1, on average over the vectors learned from."""
        return self.scaling.normalised(self.vectors[index])


def load_vectors(source: ConfigText[ParametersConfig]) -> tuple[VectorData, VectorData]:
    """The vectors to learn from, and the held-out ones.

    Raises InputError where the file is missing, holds too few, or holds some that do not move.
    """
    spec = source.config.data
    path = source.folder / Path(spec.file).expanduser()
    collection, digest = read_collection(path)
    count = len(collection.vectors) if spec.first is None else spec.first
    if not spec.hold_out < count <= len(collection.vectors):
        place, value = ("data.first", spec.first) if spec.first else ("data.file", spec.file)
        expected = f"more than data.hold_out ({spec.hold_out}), at most the {len(collection.vectors)} of the file"
        raise InputError(place, value, expected)
    unseen = torch.arange(count) % spec.hold_out == spec.hold_out - 1
    chosen = evenly_chosen(len(collection.vectors), spec.first)
    vectors = collection.vectors[chosen]
    told = collection.conditions
    scaling = Scaling.of(vectors[~unseen], collection.layout)
    parts = []
    for part in (~unseen, unseen):
        conditions = None if told is None else told[chosen][part]
        parts.append(VectorData(collection, scaling, vectors[part], conditions, "parameters", {path.name: digest}))
    return parts[0], parts[1]


def evenly_chosen(count: int, chosen: int | None) -> Tensor:
    """So many of the numbers 0 to count - 1, evenly spread, in order; None: all.

    Of checkpoints the first ones would be those of a shorter training, not fewer of the same one.
    """
    return torch.linspace(0, count - 1, count if chosen is None else chosen, dtype=torch.float64).round().long()
