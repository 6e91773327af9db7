"""Writing pictures: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ..devices.errors import InputError
from ..devices.files import replacing

FIGURE_KINDS = (".png", ".pdf", ".svg")
"""Extensions `save_figure` writes."""
ANIMATION_KINDS = (".gif",)
"""Extensions `animate` writes."""


def check_suffix(figure: str | Path | None, animation: str | Path | None = None) -> None:
    """InputError when a picture's name does not end as it must: asked before long work, not after."""
    for path, kinds in ((figure, FIGURE_KINDS), (animation, ANIMATION_KINDS)):
        if path is not None and Path(path).suffix.lower() not in kinds:
            raise InputError("", str(path), f"a file name that ends in {' or '.join(kinds)}")


def save_figure(figure: Figure, path: str | Path, dpi: float = 150) -> None:
    """Write a figure as PNG, PDF or SVG, by the extension of `path`; a file of that name is replaced.

    Raises InputError when the extension is another or the file cannot be written.
    """
    check_suffix(path)
    with replacing(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix[1:].lower(), dpi=dpi)
