"""Data sets that are always at hand, from the packages that carry them (`circuits/sources/datasets.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...circuits.sources.datasets import load_dataset
from ...devices.errors import InputError
from .content import sha256
from .data_set import DataSet, Pictures


@dataclass(frozen=True)
class Embedded(DataSet):
    """The last tenth of each class, rounded down, is the test split. Its `files` are the whole set's arrays."""

    @property
    def embedded(self) -> bool:
        """True."""
        return True

    def read(self, split: str, folder: Path | None) -> Pictures:
        """The pictures of a split, in the order of the whole set."""
        if folder is not None:
            raise InputError("folder", str(folder), "no folder", f"{self.name} comes with the program")
        images, labels = load_dataset(self.name)
        files = {f"{self.name}/images": sha256(images.tobytes()), f"{self.name}/labels": sha256(labels.tobytes())}
        chosen = _test_part(labels) == (split == "test")
        return Pictures(images[chosen][:, np.newaxis], labels[chosen], files)

    def place(self, folder: Path | None) -> Path | None:
        """None: there is no folder."""
        return None


def _test_part(labels: np.ndarray) -> np.ndarray:
    """(n,) True for the last tenth of each class."""
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen[members[len(members) - len(members) // 10 :]] = True
    return chosen
