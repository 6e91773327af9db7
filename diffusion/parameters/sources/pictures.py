"""The pictures of a source: those it learns from, and those it is measured with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...data import ImageData, load_images
from ...training.batches import Order, Variation
from ...training.streams import stream
from .spec import PicturesSpec


@dataclass(frozen=True, eq=False)
class SourcePictures:
    """`train` and `test` are pictures (n, channels, rows, columns) in [-1, 1] with their labels (n,)."""

    spec: PicturesSpec
    seed: int
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]
    data: ImageData
    """The data set's own train split."""
    data_test: ImageData

    @classmethod
    def load(cls, spec: PicturesSpec, folder: Path | None, seed: int) -> SourcePictures:
        """Reads the data set, and moves `held_out` pictures from training to the test.

        Raises InputError for files that are not there, and where too few pictures are left.
        """
        try:
            data, test = (load_images(spec.name, split, folder) for split in ("train", "test"))
        except InputError as error:
            raise error if error.file else error.at("data") from None
        if spec.batch > len(data):
            raise InputError("data.batch", spec.batch, f"at most {len(data)}, the pictures of {spec.name}")
        if spec.held_out > len(data) - spec.batch:
            raise InputError("data.held_out", spec.held_out, f"at most {max(len(data) - spec.batch, 0)} of {spec.name}")
        order = torch.randperm(len(data), generator=stream(seed, "held-out pictures"))
        kept, left = order[: spec.held_out], order[spec.held_out :].sort().values
        return cls(
            spec,
            seed,
            (data.normalised(left), data.labels[left]),
            (torch.cat([test.normalised(), data.normalised(kept)]), torch.cat([test.labels, data.labels[kept]])),
            data,
            test,
        )

    def of_step(self, step: int) -> tuple[Tensor, Tensor]:
        """The pictures and labels of a step, from 0."""
        chosen = Order(len(self.train[0]), self.spec.batch, self.seed).of_step(step)
        varied = Variation(shifts=self.spec.shifts)
        return varied.apply(self.train[0][chosen], stream(self.seed, "variation", step)), self.train[1][chosen]

    def about(self) -> dict[str, Any]:
        """Data set, counts, and the SHA-256 of its files."""
        counts = {"train": len(self.train[0]), "test": len(self.test[0]), "held_out_of_train": self.spec.held_out}
        return {"name": self.data.name, **counts, "files": {**self.data.files, **self.data_test.files}}
