"""A figure as blocks stacked from the top down, measured in inches.

Maps keep their shape and labels have known heights, so the places are computed, not searched for: no
overlap whatever the number of layers and channels, and panels line up from block to block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .style import TITLE

_TITLE_HEIGHT = 0.42
_MARGIN = 0.1


@dataclass(frozen=True)
class Area:
    """A part of a figure; places inside are inches from its top left corner."""

    figure: Figure
    left: float
    top: float
    width: float
    height: float

    def axes(self, left: float, top: float, width: float, height: float, **options: Any) -> Axes:
        """New axes there."""
        w, h = self.figure.get_size_inches()
        x, y = (self.left + left) / w, 1 - (self.top + top + height) / h
        return self.figure.add_axes((x, y, width / w, height / h), **options)

    def text(self, left: float, top: float, text: str, **options: Any) -> None:
        """Text that starts there."""
        w, h = self.figure.get_size_inches()
        self.figure.text((self.left + left) / w, 1 - (self.top + top) / h, text, **({"va": "top"} | options))


class Block(Protocol):
    """A part of a figure that knows how large it is."""

    @property
    def width(self) -> float:
        """The least width it needs."""

    @property
    def height(self) -> float:
        """Its height."""

    def draw(self, area: Area) -> None:
        """Draw into an area at least as wide and as high as asked for."""


def stack(blocks: Sequence[Block], title: str = "") -> Figure:
    """A figure of the blocks, one below the other, as wide as the widest."""
    width = max(block.width for block in blocks) + 2 * _MARGIN
    top = (_TITLE_HEIGHT if title else 0) + _MARGIN
    figure = Figure(figsize=(width, top + sum(block.height for block in blocks) + _MARGIN), facecolor="white")
    FigureCanvasAgg(figure)
    if title:
        size = min(TITLE, TITLE * width / (0.105 * max(len(title), 1)))
        Area(figure, 0, 0, width, top).text(width / 2, 0.17, title, fontsize=size, ha="center", weight="bold")
    for block in blocks:
        block.draw(Area(figure, _MARGIN, top, width - 2 * _MARGIN, block.height))
        top += block.height
    return figure
