"""Writing pictures: whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from matplotlib.figure import Figure

from ..devices.errors import InputError
from ..devices.files import check_writable, replacing

FIGURE_KINDS = (".png", ".pdf", ".svg")
"""Extensions `save_figure` writes."""
ANIMATION_KINDS = (".gif",)
"""Extensions `animate` writes."""


def check_picture_path(path: str | Path, kinds: Collection[str] = FIGURE_KINDS) -> str:
    """The extension of `path` in lower case: asked before long work.

    Raises InputError when it is none of `kinds`, or no file can be written there.
    """
    extension = Path(path).suffix.lower()
    if extension not in kinds:
        raise InputError("", str(path), f"a file name that ends in {' or '.join(kinds)}")
    check_writable(path)
    return extension


def save_figure(figure: Figure, path: str | Path, dpi: float = 150) -> None:
    """Write a figure as PNG, PDF or SVG, by the extension of `path`; a file of that name is replaced.

    Raises InputError when the extension is another or the file cannot be written.
    """
    kind = check_picture_path(path)[1:]
    with replacing(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=dpi)
