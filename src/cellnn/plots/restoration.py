"""A picture of restorations: pictures by noise level and method, and the measures against the level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .style import GREY, LARGE, LINES, NORMAL, SMALL, line_style, plain_axes

if TYPE_CHECKING:
    from ..diffusion.restoration.experiment import Restoration

_LABELS = {"ssim": "SSIM", "psnr": "PSNR [dB]", "lenet_distance": "LeNet distance"}
_COLOURS = {"noisy": "#999999", "mean": LINES[2], "flow": LINES[1], "sde": LINES[3]}
_SHOWN = 4
"""Pictures of a level."""


def plot_restoration(found: Sequence[Restoration]) -> Figure:
    """Restorations of the same pictures by one model or several: above the pictures, below the measures with their
    95 % intervals; a dash for each model."""
    sheets = [_sheet(one) for one in found]
    wide = 1.15 + max(sheet.shape[1] for sheet in sheets) / 72
    heights = [sheet.shape[0] / 72 + 0.55 for sheet in sheets]
    figure = Figure(figsize=(max(wide, 8.0), sum(heights) + 2.7), facecolor="white")
    FigureCanvasAgg(figure)
    width, height = figure.get_size_inches()
    top = 0.0
    for one, sheet, tall in zip(found, sheets, heights, strict=True):
        _pictures(figure, one, sheet, top, width, height)
        top += tall
    bottom = 0.55 / height
    for k, name in enumerate(_LABELS):
        axes = figure.add_axes((0.075 + k * 0.325, bottom, 0.235, 1.75 / height))
        _measure(axes, found, name)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="lower center", bbox_to_anchor=(0.5, (0.55 + 1.8) / height), ncols=min(len(labels), 8),
        fontsize=SMALL, frameon=False,
    )  # fmt: skip
    return figure


def _pictures(figure: Figure, one: Restoration, sheet: NDArray[Any], top: float, width: float, height: float) -> None:
    """Columns are levels, rows the true pictures and what each method makes of the noisy ones."""
    rows = ["true", *dict.fromkeys(row.method for row in one.rows)]
    levels = list(dict.fromkeys(row.level for row in one.rows))
    left, size = 1.0, (sheet.shape[1] / 72, sheet.shape[0] / 72)
    figure.text(0.1 / width, 1 - (top + 0.1) / height, one.model, fontsize=LARGE, weight="bold", va="top")
    axes = figure.add_axes((left / width, 1 - (top + 0.5 + size[1]) / height, size[0] / width, size[1] / height))
    grey = sheet.shape[-1] == 1
    axes.imshow(sheet[..., 0] if grey else sheet, cmap="gray" if grey else None, vmin=0, vmax=1, aspect="auto")
    axes.set_axis_off()
    for k, row in enumerate(rows):
        axes.text(-6, (k + 0.5) * sheet.shape[0] / len(rows), row, ha="right", va="center", fontsize=NORMAL,
                  color=_COLOURS.get(row, GREY))  # fmt: skip
    for k, level in enumerate(levels):
        axes.text((k + 0.5) * sheet.shape[1] / len(levels), -5, rf"$\sigma$ = {level:g}", ha="center",
                  fontsize=NORMAL)  # fmt: skip


def _measure(axes: Any, found: Sequence[Restoration], name: str) -> None:
    several = len(found) > 1
    for k, one in enumerate(found):
        for method in dict.fromkeys(row.method for row in one.rows):
            rows = [row for row in one.rows if row.method == method]
            x = [row.level for row in rows]
            mean = [row.measures[name] for row in rows]
            look = {**line_style(0), "linestyle": ("-", "--", ":", "-.")[k % 4], "color": _COLOURS[method]}
            label = f"{method}, {one.model}" if several else method
            axes.plot(x, [value.value for value in mean], marker="o", markersize=2.5, label=label, **look)
            low, high = [value.low for value in mean], [value.high for value in mean]
            axes.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0)
    better = next(iter(found[0].rows)).measures[name].better
    plain_axes(axes, r"noise level $\sigma$", f"{_LABELS[name]} ({better} is better)")
    axes.set_ylim(bottom=0)


def _sheet(one: Restoration) -> NDArray[np.float32]:
    """Blocks of pictures, a block for each level (columns) and method (rows), the true ones on top."""
    methods = list(dict.fromkeys(row.method for row in one.rows))
    levels = list(dict.fromkeys(row.level for row in one.rows))
    found = {(row.level, row.method): row.pictures for row in one.rows}
    lines = [[one.true] * len(levels), *([found[level, method] for level in levels] for method in methods)]
    return np.concatenate([np.concatenate([_block(pictures) for pictures in line], axis=1) for line in lines])


def _block(pictures: NDArray[Any]) -> NDArray[np.float32]:
    """The first pictures in a row with light gaps, twice as large: (rows, columns, channels), 0 to 1."""
    parts = [np.moveaxis((picture + 1) / 2, 0, -1).repeat(2, 0).repeat(2, 1) for picture in pictures[:_SHOWN]]
    height, width, channels = parts[0].shape
    block = np.ones((height + 4, len(parts) * (width + 2) + 10, channels), dtype=np.float32)
    for k, part in enumerate(parts):
        block[2 : 2 + height, 5 + k * (width + 2) : 5 + k * (width + 2) + width] = part
    return block
