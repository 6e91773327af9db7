"""A collection of parameters on disk: one safetensors file, with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from ....devices.errors import InputError
from ...training.tensor_files import read_tensors, write_tensors
from .layout import Layout

KIND = "templates"
CONDITIONS = "conditions"
BASE = "base/"
"""What the names of the base network's tensors begin with."""


@dataclass(frozen=True, eq=False)
class Collection:
    """Vectors (n, size) in this layout; `base` is the network they belong to, a state dict, empty where a model that
    comes from elsewhere is named instead; `about` says where all of it comes from."""

    layout: Layout
    vectors: Tensor
    base: Mapping[str, Tensor]
    about: Mapping[str, Any] = field(repr=False)
    conditions: Tensor | None = None
    """(n, m): what was measured of the chip each vector belongs to; None where there are no chips."""

    def write(self, path: Path) -> str:
        """Write the file and return the SHA-256 of its content. Raises InputError when it cannot be written."""
        tensors = {**self.layout.tensors(self.vectors), **{BASE + name: value for name, value in self.base.items()}}
        tensors |= {} if self.conditions is None else {CONDITIONS: self.conditions}
        return write_tensors(path, tensors, {**self.about, "kind": KIND, "layout": self.layout.plain()})


def read_collection(path: Path) -> tuple[Collection, str]:
    """The collection of a file and the SHA-256 of its content.

    Raises InputError for a file that is missing, damaged or something else.
    """
    tensors, about, digest = read_tensors(path)
    if about.get("kind") != KIND or not isinstance(about.get("layout"), dict):
        raise InputError(
            "", path.name, "a file of collected or generated parameters", "it holds something else", str(path)
        )
    base = {name.removeprefix(BASE): value for name, value in tensors.items() if name.startswith(BASE)}
    try:
        layout = Layout.from_plain(about["layout"])
        return Collection(layout, layout.vectors(tensors), base, about, tensors.get(CONDITIONS)), digest
    except InputError as error:
        raise error.in_file(str(path)) from None
    except (TypeError, ValueError) as error:
        raise InputError("layout", about["layout"], "names with their shapes", str(error), str(path)) from None
