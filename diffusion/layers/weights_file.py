"""Weights of layers in a safetensors file, by prefix: what a spec's `{file: .., prefix: ..}` reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from ...devices.errors import InputError
from ...devices.files import check_writable, write_atomically


def write_weights(path: Path, weights: Mapping[str, NDArray[np.float64]], prefix: str = "") -> None:
    """Write A, B and z as `prefix.A`, ...; other tensors of the file stay. Raises InputError where it cannot."""
    check_writable(path)
    stored = {}
    if path.exists():
        try:
            stored = load_file(path)
        except (OSError, SafetensorError) as error:
            raise InputError("file", str(path), "a safetensors file to add to, or a new one", str(error)) from None
    added = {f"{prefix}.{key}" if prefix else key: np.ascontiguousarray(values) for key, values in weights.items()}
    write_atomically(path, save({**stored, **added}))
