"""Tensors in safetensors files: written whole or not at all, and known to be what was written."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ...devices.errors import InputError
from ...devices.files import replacing, require_plain_file

KEY = "cellnn"
"""The entry of a file's metadata that is ours."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> str:
    """Write tensors, with `about` as JSON beside them, and return the SHA-256 of their content.

    The file appears under its name when it is whole and on the disk. The same content gives the same bytes.
    Raises InputError when it cannot be written.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}
    digest = _digest(plain)
    # one entry: the format does not keep the order of several, and the same content shall give the same bytes
    entry = {"sha256": digest, "check": _check(digest, about), "about": about}
    metadata = {KEY: json.dumps(entry, ensure_ascii=False, allow_nan=False)}
    with replacing(path) as temporary:
        try:
            save_file(plain, temporary, metadata)
        except SafetensorError as error:  # a full disk, say
            raise OSError(errno.EIO, str(error)) from None
        to_disk(temporary)
    return digest


def to_disk(path: Path) -> None:
    """Returns when the file's content would outlive a loss of power: to be asked before it gets its name."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any], str]:
    """The tensors of a file by `write_tensors`, what was said about them, and the SHA-256 of their content.

    Raises InputError when the file is missing, cut, or differs from what was written in a single bit.
    """
    expected = "a whole safetensors file, as cellnn writes them"
    try:
        require_plain_file(path)
        with safe_open(path, framework="pt") as file:
            metadata = json.loads((file.metadata() or {})[KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no mapping)
        about, check = dict(metadata["about"]), metadata["check"]
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("", path.name, expected, f"it is damaged or of another program: {reason}", str(path)) from None
    digest = _digest(tensors)
    if _check(digest, about) != check:
        raise InputError("", path.name, expected, "it is damaged: its content is not what was written", str(path))
    return tensors, about, digest


def _check(digest: str, about: Mapping[str, Any]) -> str:
    """The SHA-256 of all that a file holds."""
    return hashlib.sha256((digest + json.dumps(about)).encode()).hexdigest()


def _digest(tensors: Mapping[str, Tensor]) -> str:
    """The SHA-256 of names, types, shapes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
