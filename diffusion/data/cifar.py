"""CIFAR-10's binary files (https://www.cs.toronto.edu/~kriz/cifar.html): records of a label and three planes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...devices.errors import InputError
from .content import damaged, read_content, sha256
from .data_set import DataSet, Pictures
from .folders import find_folder, missing

FILES = {"train": tuple(f"data_batch_{k}.bin" for k in range(1, 6)), "test": ("test_batch.bin",)}
INNER = "cifar-10-batches-bin"
"""The folder in the published archive."""
_PICKLED = "cifar-10-batches-py"


@dataclass(frozen=True)
class CifarFolder(DataSet):
    """A folder with `data_batch_1.bin` to `_5.bin` and `test_batch.bin`."""

    @property
    def embedded(self) -> bool:
        """False."""
        return False

    def read(self, split: str, folder: Path | None) -> Pictures:
        """The pictures of a split."""
        place = self.place(folder)
        if place is None:
            self._refuse_pickles(folder)
            raise missing(self.name, folder, FILES[split])
        pixels = math.prod(self.shape)
        count = self.counts[split] // len(FILES[split])
        records, files = [], {}
        for name in FILES[split]:
            path = place / name
            if not path.exists():
                raise missing(self.name, place, [name])
            length = count * (1 + pixels)
            content = read_content(path, length)
            if len(content) != length:
                what = f"{len(content)} bytes" if len(content) < length else f"more than {length} bytes"
                raise damaged(path, f"{count} records of {1 + pixels} bytes", what)
            record = np.frombuffer(content, dtype=np.uint8).reshape(count, 1 + pixels)
            if record[:, 0].max() >= len(self.classes):
                raise damaged(path, f"labels from 0 to {len(self.classes) - 1}", f"the label {record[:, 0].max()}")
            records.append(record)
            files[name] = sha256(content)
        table = np.concatenate(records)
        return Pictures(table[:, 1:].reshape(-1, *self.shape), table[:, 0], files)

    def place(self, folder: Path | None) -> Path | None:
        """The folder that holds any of the files."""
        return find_folder(self.name, folder, [INNER], [*FILES["train"], *FILES["test"]])

    def _refuse_pickles(self, folder: Path | None) -> None:
        """The Python version of CIFAR-10 is pickles, which run code when they are opened."""
        place = find_folder(self.name, folder, [_PICKLED], ["data_batch_1", "test_batch"])
        if place is not None:
            raise InputError(
                "",
                "the Python version of CIFAR-10",
                "the binary version (cifar-10-binary.tar.gz, data_batch_1.bin ..)",
                "pickles are not read: opening one can run any code",
                str(place),
            )
