"""One map: a channel's values at one time as a picture of the array."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .style import NORMAL, SMALL


def panel_size(rows: int, columns: int, side: float) -> tuple[float, float]:
    """Width and height [inches] of a map: about `side` squared in area, of the array's shape up to 4:1."""
    stretch = min(max(columns / rows, 0.25), 4.0) ** 0.5
    return side * stretch, side / stretch


def draw_map(axes: Axes, values: NDArray[Any], cmap: Any, limits: Normalize) -> AxesImage:
    """Row 0 on top, column 0 on the left, nothing smoothed."""
    image = axes.imshow(values, cmap=cmap, norm=limits, interpolation="nearest", aspect="auto")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(labelsize=SMALL, length=2, width=0.5, pad=2)
    for spine in axes.spines.values():
        spine.set_linewidth(0.5)
    return image


def label_map(axes: Axes, *, row_label: str | None, column_label: bool) -> None:
    """Name the axes of an outer map; an inner one keeps its tick marks only."""
    if row_label is None:
        axes.tick_params(labelleft=False)
    else:
        axes.set_ylabel(row_label, fontsize=NORMAL, labelpad=2)
    if column_label:
        axes.set_xlabel("column", fontsize=NORMAL, labelpad=2)
    else:
        axes.tick_params(labelbottom=False)
