"""MNIST's file format, IDX (https://yann.lecun.com/exdb/mnist): big-endian magic number, sizes, bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .content import damaged, read_content, sha256
from .data_set import DataSet, Pictures
from .folders import find_folder, missing

_UNSIGNED_BYTE = 0x08


def read_idx(path: Path, shape: tuple[int, ...]) -> tuple[NDArray[Any], str]:
    """The uint8 array of this shape in an IDX file, plain or .gz, and the SHA-256 of its uncompressed content.

    Raises InputError when the file cannot be read, is cut or too long, or says that it holds something else.
    """
    header = 4 + 4 * len(shape)
    length = header + math.prod(shape)
    content = read_content(path, length)
    sizes = " x ".join(map(str, shape))
    expected = f"an IDX file of {sizes} unsigned bytes"
    if len(content) < header:
        raise damaged(path, expected, f"{len(content)} bytes")
    if content[:4] != bytes((0, 0, _UNSIGNED_BYTE, len(shape))):
        raise damaged(path, expected, f"magic number 0x{content[:4].hex()}")
    found = tuple(int(size) for size in np.frombuffer(content, dtype=">u4", count=len(shape), offset=4))
    if found != shape:
        raise damaged(path, expected, f"{' x '.join(map(str, found))} by its header")
    if len(content) != length:
        what = f"{len(content)} bytes" if len(content) < length else f"more than {length} bytes"
        raise damaged(path, f"{expected}, {length} bytes with its header", what)
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape), sha256(content)


@dataclass(frozen=True)
class IdxFolder(DataSet):
    """A folder with `train-images-idx3-ubyte` and so on, plain or .gz; or torchvision's, with `raw/` inside."""

    inner: tuple[str, ...] = ()

    @property
    def embedded(self) -> bool:
        """False."""
        return False

    def read(self, split: str, folder: Path | None) -> Pictures:
        """The pictures of a split."""
        names = _names(split)
        place = self.place(folder)
        if place is None:
            raise missing(self.name, folder, names)
        paths = []
        for name in names:
            found = [path for path in (place / name, place / f"{name}.gz") if path.exists()]
            if not found:
                raise missing(self.name, place, [f"{name} or {name}.gz"])
            paths.append(found[0])
        count = self.counts[split]
        images, of_images = read_idx(paths[0], (count, *self.shape[1:]))
        labels, of_labels = read_idx(paths[1], (count,))
        if labels.max() >= len(self.classes):
            raise damaged(paths[1], f"labels from 0 to {len(self.classes) - 1}", f"the label {labels.max()}")
        return Pictures(images[:, np.newaxis], labels, {names[0]: of_images, names[1]: of_labels})

    def place(self, folder: Path | None) -> Path | None:
        """The folder that holds any of the files."""
        names = [*_names("train"), *_names("test")]
        return find_folder(self.name, folder, self.inner, [*names, *(f"{name}.gz" for name in names)])


def _names(split: str) -> tuple[str, str]:
    prefix = {"train": "train", "test": "t10k"}[split]
    return f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
