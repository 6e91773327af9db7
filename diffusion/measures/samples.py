"""Reading SAMPLES.npz: `images` (n, channels, rows, columns) in [-1, 1], and `labels` (n,) of conditional samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...devices.errors import InputError
from ...devices.files import require_plain_file

LEAST = 100
"""Samples below which a covariance of 84 features means nothing."""


class Samples(NamedTuple):
    """`images` (n, channels, rows, columns) float32, `labels` (n,) int64 or None; label `classes` is no class."""

    images: NDArray[np.float32]
    labels: NDArray[np.int64] | None


def read_samples(path: Path, picture: tuple[int, int, int], classes: int) -> Samples:
    """The samples in an .npz file. Raises InputError when it is damaged, holds pickled objects, or as
    `check_samples` does."""
    try:
        require_plain_file(path)
        opened = np.load(path, allow_pickle=False)
        if not isinstance(opened, np.lib.npyio.NpzFile):
            raise ValueError("it is a single array, no .npz")
        with opened as stored:
            arrays = {name: stored[name] for name in ("images", "labels") if name in stored.files}
            names = stored.files
    except Exception as error:  # noqa: BLE001  (numpy lets through what zipfile, zlib and tokenize raise)
        raise _unreadable(path, getattr(error, "strerror", None) or str(error) or type(error).__name__) from None
    if "images" not in arrays:
        raise InputError("", f"arrays {', '.join(names) or 'of no name'}", "an array named images", "", str(path))
    try:
        return check_samples(arrays["images"], arrays.get("labels"), picture, classes)
    except InputError as error:
        raise error.in_file(str(path)) from None


def check_samples(images: Any, labels: Any, picture: tuple[int, int, int], classes: int) -> Samples:
    """The arrays, checked. Raises InputError for another shape or type, values that are not finite or out of
    [-1, 1], labels out of range, and fewer than 100 samples."""
    images = np.asarray(images)
    sizes = " x ".join(map(str, picture))
    if images.ndim != 4 or images.shape[1:] != picture:
        raise InputError("images", images.shape, f"shape (n, {', '.join(map(str, picture))})", _layout(images, picture))
    if images.dtype.kind != "f":
        hint = "bytes b become b / 127.5 - 1" if images.dtype == np.uint8 else ""
        raise InputError("images", str(images.dtype), "float32 in [-1, 1]", hint)
    if len(images) < LEAST:
        raise InputError("images", f"{len(images)} pictures of {sizes}", f"{LEAST} or more", "2,000 or more say much")
    if not np.isfinite(images).all():
        bad = int(np.argmax(~np.isfinite(images).all(axis=(1, 2, 3))))
        raise InputError("images", f"a value that is not finite in picture {bad}", "finite numbers in [-1, 1]")
    low, high = float(images.min()), float(images.max())
    if low < -1 - 1e-5 or high > 1 + 1e-5:
        hint = "2 x - 1 for pictures in [0, 1]; clip what a sampler overshoots"
        raise InputError("images", f"values from {low:g} to {high:g}", "values in [-1, 1]", hint)
    return Samples(np.clip(images, -1, 1).astype(np.float32), _check_labels(labels, len(images), classes))


def _layout(images: NDArray[Any], picture: tuple[int, int, int]) -> str:
    if images.ndim == 4 and images.shape[1:] == (*picture[1:], picture[0]):
        return "channels come before rows and columns: np.moveaxis(images, -1, 1)"
    if images.ndim == 3 and images.shape[1:] == picture[1:]:
        return "with a channel: images[:, None]"
    return ""


def _check_labels(labels: Any, count: int, classes: int) -> NDArray[np.int64] | None:
    if labels is None:
        return None
    labels = np.asarray(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise InputError("labels", f"{labels.dtype} of shape {labels.shape}", f"whole numbers of shape ({count},)")
    if labels.min() < 0 or labels.max() > classes:
        span = f"{labels.min()} to {labels.max()}"
        raise InputError("labels", span, f"classes from 0 to {classes - 1}, or {classes} for no class")
    return labels.astype(np.int64)


def _unreadable(path: Path, reason: str) -> InputError:
    hint = "an .npz of plain arrays, as numpy.savez writes it" if "pickle" in reason else ""
    return InputError("", reason, "a readable .npz file with an array named images", hint, str(path))
