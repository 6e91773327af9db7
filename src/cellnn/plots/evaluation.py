"""A picture of samples: some of them, those most like the data beside what they are like, their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..diffusion.data import ImageData
from ..diffusion.measures.similarity import nearest, ssim
from .style import GREY, LARGE, LINES, NORMAL, SMALL, TITLE, plain_axes

if TYPE_CHECKING:
    from ..diffusion.measures.report import Report

_ROWS, _COLUMNS, _PAIRS = 10, 10, 8


def plot_evaluation(report: Report, images: NDArray[np.float32], data: ImageData) -> Figure:
    """The first samples (n, channels, rows, columns), the most similar pairs of sample and picture, the classes."""
    figure = Figure(figsize=(9.0, 5.4), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.15, 1.0))[0]
    upper, lower = right.subfigures(2, 1, squeeze=False, height_ratios=(1.0, 1.05))[:, 0]
    frechet = report["frechet"]
    figure.suptitle(
        f"{frechet.count} samples: Frechet distance {frechet.value:.3g} from {data.name} "
        f"(its own pictures: {frechet.own:.3g})",
        fontsize=TITLE,
        weight="bold",
    )
    some = images[: _ROWS * _COLUMNS]
    _show(left.subplots(), _sheet(some, _COLUMNS), f"the first {len(some)} samples")
    _pairs(upper.subplots(), torch.from_numpy(images[:5000]), data)
    _bars(lower.subplots(), report)
    return figure


def _pairs(axes: Any, images: torch.Tensor, data: ImageData) -> None:
    """Above the samples, below the pictures of the data they are most similar to."""
    pictures = data.normalised()
    found = torch.from_numpy(nearest(images, pictures))
    likeness = ssim(images, pictures[found])
    best = np.argsort(-likeness)[:_PAIRS]
    rows = np.concatenate([images[best].numpy(), pictures[found[best]].numpy()])
    _show(axes, _sheet(rows, _PAIRS), "highest SSIM: samples, and below the nearest of the data")
    size = images.shape[-1] + 2
    for k, index in enumerate(best):
        axes.text((k + 0.5) * size, 2 * (images.shape[-2] + 2) + 1, f"{likeness[index]:.2f}",
                  ha="center", va="top", fontsize=SMALL, color=GREY)  # fmt: skip


def _bars(axes: Any, report: Report) -> None:
    names = list(report.classes)
    place = np.arange(len(names))
    for offset, of, colour in ((-0.2, "samples", LINES[2]), (0.2, "data", "#b8b8b8")):
        heights = [100 * shares[of] for shares in report.classes.values()]
        axes.bar(place + offset, heights, 0.4, color=colour, label=of)
    plain_axes(axes, "class, as the LeNet sees it", "share [%]")
    turn = max(map(len, names)) > 3
    axes.set_xticks(place, names, rotation=35 if turn else 0, ha="right" if turn else "center", fontsize=SMALL)
    axes.legend(fontsize=SMALL, frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))


def _sheet(images: NDArray[Any], columns: int) -> NDArray[Any]:
    """Pictures (n, channels, rows, columns) side by side, light gaps between them: (height, width, 1 or 3), 0 to 1."""
    n, channels, height, width = images.shape
    rows = -(-n // columns)
    sheet = np.ones((rows * (height + 2), columns * (width + 2), channels), dtype=np.float32)
    for k, image in enumerate(images):
        top, left = k // columns * (height + 2) + 1, k % columns * (width + 2) + 1
        sheet[top : top + height, left : left + width] = np.moveaxis((image + 1) / 2, 0, -1)
    return sheet


def _show(axes: Any, sheet: NDArray[Any], title: str) -> None:
    grey = sheet.shape[-1] == 1
    axes.imshow(sheet[..., 0] if grey else sheet, cmap="gray" if grey else None, vmin=0, vmax=1, aspect="equal")
    axes.set_axis_off()
    axes.set_title(title, fontsize=min(LARGE, NORMAL + 0.5))
