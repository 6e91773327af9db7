"""The pictures of a data set as torch tensors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...devices.errors import InputError, did_you_mean
from .data_set import DataSet, Pictures
from .sets import find_data_set

if TYPE_CHECKING:
    from torch import Tensor

SPLITS = ("train", "test", "all")


@dataclass(frozen=True, eq=False)
class ImageData:
    """A split of a data set: `images` (n, channels, rows, columns) uint8, `labels` (n,) int64.

    `classes` names the labels; `files` maps the name of each file that was read (without `.gz`) to the SHA-256
    of its uncompressed content, the same however the file was packed.
    """

    name: str
    split: str
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    files: dict[str, str]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def picture(self) -> tuple[int, int, int]:
        """(channels, rows, columns)."""
        channels, rows, columns = self.images.shape[1:]
        return int(channels), int(rows), int(columns)

    def normalised(self, index: Any = slice(None)) -> Tensor:
        """The pictures at an index (number, slice, list or tensor), float32 in [-1, 1]: 0 is -1, 255 is +1."""
        import torch

        return self.images[index].to(torch.float32) / 127.5 - 1.0


def load_images(name: str, split: str = "train", folder: str | os.PathLike[str] | None = None) -> ImageData:
    """A data set's pictures: mnist-5k, digits, and from files mnist, fashion-mnist, cifar-10.

    `split`: train, test, or all (the first and then the second). Files are looked for in `folder` alone when it
    is given; else in `$CELLNN_DATA/NAME`, the user's data folder and /usr/share/datasets/NAME. Raises InputError
    for an unknown name or split, and when a file is missing, cut or damaged.
    """
    data_set = find_data_set(name)
    if split not in SPLITS:
        raise InputError("split", split, f"one of {', '.join(SPLITS)}", did_you_mean(split, SPLITS))
    pictures = read_split(data_set, split, None if folder is None else Path(folder))

    import torch

    images, labels = np.array(pictures.images, order="C"), pictures.labels.astype(np.int64)
    return ImageData(name, split, torch.from_numpy(images), torch.from_numpy(labels), data_set.classes, pictures.files)


def read_split(data_set: DataSet, split: str, folder: Path | None) -> Pictures:
    """The pictures of train, test or all, as numpy arrays."""
    parts = [data_set.read(part, folder) for part in (("train", "test") if split == "all" else (split,))]
    files = {name: digest for part in parts for name, digest in part.files.items()}
    return Pictures(
        np.concatenate([part.images for part in parts]), np.concatenate([part.labels for part in parts]), files
    )
