"""The models that come with the program, a folder each; README.md says how one gets here."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def model_names() -> list[str]:
    """The names of the shipped models."""
    return sorted(path.parent.name for path in _HERE.glob("*/model.json"))


def model_folder(name: str) -> Path:
    """The folder with `model.safetensors` and `model.json` of a shipped model."""
    return _HERE / name
