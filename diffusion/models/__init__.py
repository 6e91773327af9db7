"""The models that come with the program, a folder each; README.md says how one gets here."""

from __future__ import annotations

import json
from pathlib import Path

_HERE = Path(__file__).parent
PICTURES = "pictures"
"""What a model draws whose `model.json` does not say its `kind`."""


def model_names(kind: str = PICTURES) -> list[str]:
    """The names of the shipped models that draw this: pictures, or parameters."""
    return sorted(path.parent.name for path in _HERE.glob("*/model.json") if _kind(path) == kind)


def model_folder(name: str) -> Path:
    """The folder with `model.safetensors` and `model.json` of a shipped model."""
    return _HERE / name


def _kind(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8")).get("kind", PICTURES))
