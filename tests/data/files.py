"""Small data sets in the published formats, written here byte by byte."""

import struct
from dataclasses import replace

import numpy as np

from cellnn.diffusion.data.sets import DATA_SETS

COUNTS = {"train": 20, "test": 10}


def small(name):
    """The data set of this name with few pictures."""
    return replace(DATA_SETS[name], counts=COUNTS)


def idx(array):
    """The bytes of an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def pictures(seed, count, *shape):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, *shape), dtype=np.uint8), rng.integers(0, 10, count, dtype=np.uint8)


def idx_files(seed=0):
    """File name -> bytes of MNIST's four files, and the arrays: split -> (images, labels)."""
    arrays = {split: pictures(seed + k, count, 28, 28) for k, (split, count) in enumerate(COUNTS.items())}
    files = {}
    for split, prefix in (("train", "train"), ("test", "t10k")):
        files[f"{prefix}-images-idx3-ubyte"], files[f"{prefix}-labels-idx1-ubyte"] = map(idx, arrays[split])
    return files, arrays


def cifar_files(seed=0):
    """File name -> bytes of CIFAR-10's six binary files, and the arrays: split -> (images, labels)."""
    arrays = {split: pictures(seed + k, count, 3, 32, 32) for k, (split, count) in enumerate(COUNTS.items())}
    records = {
        split: np.concatenate([labels[:, None], images.reshape(len(images), -1)], axis=1).astype(np.uint8)
        for split, (images, labels) in arrays.items()
    }
    per_file = COUNTS["train"] // 5
    files = {f"data_batch_{k + 1}.bin": records["train"][k * per_file :][:per_file].tobytes() for k in range(5)}
    return files | {"test_batch.bin": records["test"].tobytes()}, arrays
