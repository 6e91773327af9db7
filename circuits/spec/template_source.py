"""The template of a layer as a spec writes it: a library name, numbers, or a file of weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from ...devices.errors import InputError, did_you_mean
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

    def numbers(self, folder: Path) -> dict[str, Any]:
        """A, B (None where there is none) and z as given; files are looked up from `folder`."""
        if self.kind == "library":
            given = {"A": self.value.A, "B": self.value.B, "z": self.value.z}
        elif self.kind == "file":
            given = _read_weights(folder / self.value["file"], self.value.get("prefix", ""))
        else:
            given = self.value
        return {"A": given.get("A"), "B": given.get("B"), "z": given.get("z", 0.0)}


def parse_template(value: Any) -> TemplateSource:
    """The form of a layer's template; InputError for any other form and for unknown names."""
    if isinstance(value, str):
        return TemplateSource("library", read_template(value, place=""))
    if not isinstance(value, dict) or not value:
        raise InputError("", value, FORM)
    known = ("file", "prefix") if "file" in value else KEYS
    for key in value:
        if key not in known:
            hint = did_you_mean(str(key), (*KEYS, "file", "prefix"))
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
