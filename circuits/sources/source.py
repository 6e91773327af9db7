"""Where the values of an input, an initial state or a memristor map come from.

A source is written as `dataset:index`, a picture file, a `.npy` file, a number, or a nested list
(rows x columns, or channels x rows x columns). Parsing looks at the form only; `read` touches files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...devices.errors import InputError, did_you_mean
from ...devices.files import require_plain_file
from .datasets import DATASETS, dataset_picture
from .pictures import SUFFIXES, read_picture

Kind = Literal["number", "list", "dataset", "picture", "npy", "input"]
FORMS = "dataset:index, a picture file, an .npy file, a number or a nested list"


@dataclass(frozen=True)
class Source:
    """A source as parsed: its kind, and the number, array, path or (data set, index)."""

    kind: Kind
    value: Any

    @property
    def is_picture(self) -> bool:
        """Whether the values are a picture's, in [-1, 1], whatever the quantity they stand for."""
        return self.kind in ("dataset", "picture", "input")


def parse_source(
    value: Any, *, low: float, high: float, allow_input: bool = False, allow_batch: bool = False
) -> Source:
    """The source a spec's value describes. Raises InputError for other forms and values out of range.

    `allow_batch`: arrays may be (samples, channels, rows, columns), one run each.
    """
    expected = f"{FORMS}{', or `input`' if allow_input else ''}, with values from {low:g} to {high:g}"
    if isinstance(value, bool) or value is None:
        raise InputError("", value, expected)
    if isinstance(value, (int, float)):
        if not low <= value <= high:  # compared, not converted: float() of a huge whole number overflows
            raise InputError("", value, f"a number from {low:g} to {high:g}")
        return Source("number", float(value))
    if isinstance(value, (list, tuple, np.ndarray)):
        return Source("list", _array(value, low, high, expected, allow_batch))
    if not isinstance(value, str):
        raise InputError("", value, expected)
    if value == "input" and allow_input:
        return Source("input", None)
    return _parse_text(value, expected, allow_input)


def _parse_text(text: str, expected: str, allow_input: bool) -> Source:
    match = re.fullmatch(r"([A-Za-z][\w.-]*):(-?\d{1,18})", text)
    if match:
        name, index = match[1], int(match[2])
        if name not in DATASETS:
            raise InputError("", text, "the name of a data set before the colon", did_you_mean(name, DATASETS))
        if index < 0:
            raise InputError("", text, "an index from 0")
        return Source("dataset", (name, index))
    suffix = Path(text).suffix.lower()
    if suffix == ".npy":
        return Source("npy", text)
    if suffix in SUFFIXES:
        return Source("picture", text)
    if text in DATASETS:
        raise InputError("", text, expected, f"which picture of it? for example {text}:0")
    raise InputError("", text, expected, did_you_mean(text, [*DATASETS, *(["input"] if allow_input else [])]))


def read_source(
    source: Source, folder: Path, *, low: float, high: float, colour: bool = False, allow_batch: bool = False
) -> Any:
    """The values: a float, or an array (channels, rows, columns), of a batch (samples, channels, rows, columns). Files
    are looked up from `folder`.

    Raises InputError when a file is missing or damaged, or a value is out of [low, high].
    """
    if source.kind == "dataset":
        return dataset_picture(*source.value)
    if source.kind == "picture":
        return read_picture(folder / source.value, colour)
    if source.kind == "npy":
        path = folder / source.value
        try:
            require_plain_file(path)
            stored = np.load(path, allow_pickle=False, mmap_mode="r")
        except (OSError, ValueError, EOFError, SyntaxError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError("", str(path), "a readable .npy file of numbers", reason) from None
        return _array(stored, low, high, f"an .npy file of numbers from {low:g} to {high:g}", allow_batch)
    return source.value


def batch_size(source: Source, folder: Path) -> int:
    """The samples of a batch, before it is read; 1 where the source is none."""
    if source.kind == "list":
        shape = source.value.shape
    elif source.kind == "npy":
        try:
            require_plain_file(folder / source.value)
            shape = np.load(folder / source.value, allow_pickle=False, mmap_mode="r").shape
        except (InputError, OSError, ValueError, EOFError, SyntaxError, AttributeError):  # told when it is read
            return 1
    else:
        return 1
    return int(shape[0]) if len(shape) == 4 else 1


def _array(value: Any, low: float, high: float, expected: str, batch: bool = False) -> NDArray[np.float64]:
    """(channels, rows, columns) from rows x columns or channels x rows x columns; a batch has one axis more."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError("", value, expected, "its rows differ in length") from None
    if array.dtype.kind not in "iuf" or (isinstance(value, list) and _holds_bool(value)):
        raise InputError("", value if isinstance(value, list) else array.dtype, expected, "it must hold numbers only")
    if array.ndim not in ((2, 3, 4) if batch else (2, 3)) or 0 in array.shape:
        forms = "(rows, columns), (channels, rows, columns) or (samples, channels, rows, columns)"
        raise InputError(
            "", array.shape, f"a shape {forms if batch else '(rows, columns) or (channels, rows, columns)'}"
        )
    array = array.astype(np.float64)
    bad = ~(np.isfinite(array) & (array >= low) & (array <= high))
    if bad.any():
        where = tuple(int(k) for k in np.argwhere(bad)[0])
        raise InputError("".join(f"[{k}]" for k in where), float(array[where]), f"a number from {low:g} to {high:g}")
    return array[np.newaxis] if array.ndim == 2 else array


def _holds_bool(value: Any) -> bool:
    return any(_holds_bool(item) if isinstance(item, list) else isinstance(item, bool) for item in value)
