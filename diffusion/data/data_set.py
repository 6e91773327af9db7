"""What a data set is: a name, the pictures' form, and a way to read a split."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray


class Pictures(NamedTuple):
    """A split as it is read: images (n, channels, rows, columns) uint8, labels (n,) uint8, and for each file
    its name without `.gz` and the SHA-256 of its uncompressed content."""

    images: NDArray[Any]
    labels: NDArray[Any]
    files: dict[str, str]


@dataclass(frozen=True)
class DataSet(ABC):
    """A data set: `shape` is (channels, rows, columns) of a picture, `counts` how many a split holds."""

    name: str
    about: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    counts: dict[str, int]

    @property
    @abstractmethod
    def embedded(self) -> bool:
        """Whether it needs no files of the user's."""

    @abstractmethod
    def read(self, split: str, folder: Path | None) -> Pictures:
        """The pictures of "train" or "test". Raises InputError when a file is missing or damaged."""

    @abstractmethod
    def place(self, folder: Path | None) -> Path | None:
        """The folder that holds its files, None when there is none."""
