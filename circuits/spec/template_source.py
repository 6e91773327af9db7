"""The template of a layer as a spec writes it: a library name, numbers, or a file of weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError, safe_open

from ...devices.errors import InputError, did_you_mean
from ...devices.files import require_plain_file
from ..library import LibraryTemplate, read_template

KEYS = ("A", "B", "z")
FORM = "a library name (see `cellnn templates`), {A: .., B: .., z: ..} or {file: weights.safetensors, prefix: ..}"


@dataclass(frozen=True)
class TemplateSource:
    """What stands in the spec: a published template, a mapping of A, B and z, or of file and prefix."""

    kind: Literal["library", "numbers", "file"]
    value: Any

    @property
    def published(self) -> LibraryTemplate | None:
        """The library's entry when the template is named."""
        return self.value if self.kind == "library" else None

    @property
    def kernel_size(self) -> int:
        """The weights of the larger kernel, as far as the form tells (a file: 9)."""
        if self.kind == "file":
            return 9
        kernels = (self.value.A, self.value.B) if self.kind == "library" else (self.value.get("A"), self.value.get("B"))
        return max(_size(kernel) for kernel in kernels)

    @property
    def input_planes(self) -> int | None:
        """The input's channels when B is [out][in][rows][columns]; None when its form leaves them open."""
        kernel: Any = self.value.get("B") if self.kind == "numbers" else None
        return len(kernel[0]) if nesting(kernel) == 4 else None

    def numbers(self, folder: Path) -> dict[str, Any]:
        """A, B (None where there is none) and z as given; files are looked up from `folder`."""
        if self.kind == "library":
            given = {"A": self.value.A, "B": self.value.B, "z": self.value.z}
        elif self.kind == "file":
            given = _read_weights(folder / self.value["file"], self.value.get("prefix", ""))
        else:
            given = self.value
        return {"A": given.get("A"), "B": given.get("B"), "z": given.get("z", 0.0)}


def _size(kernel: Any) -> int:
    """Rows x columns of a kernel as given, 1 for a number; the innermost two levels of nested lists."""
    shape = []
    while isinstance(kernel, (list, tuple, np.ndarray)) and len(kernel):
        shape.append(len(kernel))
        kernel = kernel[0]
    return math.prod(shape[-2:])


def nesting(kernel: Any) -> int:
    """Levels of nesting of lists or arrays, looked at along the first entries; 0 for a number."""
    depth = 0
    while isinstance(kernel, (list, tuple, np.ndarray)) and len(kernel):
        depth, kernel = depth + 1, kernel[0]
    return depth


def parse_template(value: Any) -> TemplateSource:
    """The form of a layer's template; InputError for any other form and for unknown names."""
    if isinstance(value, str):
        return TemplateSource("library", read_template(value, place=""))
    if not isinstance(value, dict) or not value:
        raise InputError("", value, FORM)
    known = ("file", "prefix") if "file" in value else KEYS
    for key in value:
        if key not in known:
            hint = did_you_mean(str(key), set(("file", "prefix", *KEYS)) - set(value))
            raise InputError(str(key)[:60], value[key], f"no such key here, but one of {', '.join(known)}", hint)
    if "file" not in value:
        return TemplateSource("numbers", dict(value))
    for key in value:
        if not isinstance(value[key], str):
            raise InputError(key, value[key], "text")
    return TemplateSource("file", dict(value))


def _read_weights(path: Path, prefix: str) -> dict[str, Any]:
    """A, B and z from a safetensors file; the names are `A`, or `prefix.A`."""
    try:
        require_plain_file(path)
        with safe_open(path, framework="numpy") as file:
            names = {key: f"{prefix}.{key}" if prefix else key for key in KEYS}
            stored = set(file.keys())
            found = {key: file.get_tensor(name) for key, name in names.items() if name in stored}
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("file", str(path), "a safetensors file of weights", reason) from None
    if not found:
        prefixes = sorted({name.rpartition(".")[0] for name in stored if name.rpartition(".")[2] in KEYS})
        expected = f"a prefix with A, B or z in {path.name}"
        raise InputError("prefix", prefix, expected, f"there are: {', '.join(map(repr, prefixes)) or 'none'}")
    for key, tensor in found.items():
        if tensor.size == 0:
            raise InputError(key, f"a tensor of shape {tensor.shape}", "a tensor that is not empty")
    return found
