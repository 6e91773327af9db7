"""Pictures of the study of the blocks: curves against steps and time, and samples of the same noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from ..diffusion.study.configs import BLOCKS
from ..diffusion.study.study import BlockStudy, DataStudy
from .style import GREY, LARGE, LINES, NORMAL, SMALL, TITLE, plain_axes

_COLUMNS = 10
_MARKS = dict(zip(BLOCKS, "os^", strict=True))


def plot_curves(study: DataStudy) -> Figure:
    """Held-out loss and Frechet distance of every block, against steps and against time."""
    figure = Figure(figsize=(8.4, 6.0), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{study.data.name}: the same U-Net with three kinds of blocks", fontsize=TITLE, weight="bold")
    axes = figure.subplots(2, 2, sharey="row")
    floor, longest = study.floor, max(each.clock.seconds_at(each.run.curve[-1].step) for each in study.blocks.values())
    unit, seconds = ("min", 60.0) if longest > 180 else ("s", 1.0)
    for block, each in study.blocks.items():
        look = {"color": LINES[BLOCKS.index(block)], "linewidth": 1.3, "label": block}
        scales = (lambda step: step, lambda step, clock=each.clock: clock.seconds_at(step) / seconds)
        for column, scale in enumerate(scales):
            _held_out(axes[0, column], each, scale, look)
            _frechet(axes[1, column], each, scale, {**look, "marker": _MARKS[block]})
    for column, label in enumerate(("training steps", f"training time, by the steps' measured cost [{unit}]")):
        plain_axes(axes[0, column], label, "" if column else "held-out loss of the averaged weights")
        count = study.settings.snapshot_samples
        plain_axes(axes[1, column], label, "" if column else f"Frechet distance, {count} samples")
        axes[1, column].axhline(floor, color=GREY, linewidth=0.8, linestyle="--")
        for row in axes[:, column]:
            row.set_yscale("log")
            row.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            row.yaxis.set_minor_formatter(_few_labels(row))
            row.tick_params(axis="y", which="minor", labelsize=SMALL)
            row.set_xlim(left=0)
        for row in axes[:, 1]:
            row.axvline(study.budget / seconds, color=GREY, linewidth=0.8, linestyle=":")
    axes[0, 0].legend(fontsize=NORMAL, frameon=False)
    axes[1, 0].annotate("the data's own pictures", (0.99, floor), xycoords=("axes fraction", "data"), ha="right",
                        va="bottom", fontsize=SMALL, color=GREY)  # fmt: skip
    axes[0, 1].annotate("conv is done", (study.budget / seconds, 0.97), xycoords=("data", "axes fraction"), ha="left",
                        va="top", fontsize=SMALL, color=GREY, xytext=(3, 0), textcoords="offset points")  # fmt: skip
    return figure


def plot_samples(study: DataStudy, draws: int = 4) -> Figure:
    """For each of `draws` noises of every class a row per block, the data's own pictures of these classes on top."""
    blocks = study.blocks
    draws = min(draws, min(len(each.samples) for each in blocks.values()) // _COLUMNS)
    labels = np.arange(_COLUMNS) % len(study.data.classes)
    rows = [("data", _of_classes(study, labels))]
    for draw in range(draws):
        rows += [(block, each.samples[draw * _COLUMNS :][:_COLUMNS]) for block, each in blocks.items()]
    # inches: a row's height, the gap before a new noise, the labels' and the title's room
    size, gap, left, top = 0.56, 0.14, 0.8, 0.45
    height = top + len(rows) * size + draws * gap + 0.08
    figure = Figure(figsize=(left + _COLUMNS * size + 0.15, height), facecolor="white")
    FigureCanvasAgg(figure)
    width = figure.get_size_inches()[0]
    title = f"{study.data.name}, step {study.step}: a group is the same noise, a column the same class"
    figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=LARGE - 2, weight="bold", va="top")
    place = top
    for k, (name, pictures) in enumerate(rows):
        if k and (k - 1) % len(blocks) == 0:
            place += gap
        box = (left / width, 1 - (place + size) / height, _COLUMNS * size / width, size / height)
        axes = figure.add_axes(box)
        strip = _strip(pictures)
        grey = strip.shape[-1] == 1
        axes.imshow(strip[..., 0] if grey else strip, cmap="gray" if grey else None, vmin=0, vmax=1, aspect="auto",
                    interpolation="nearest")  # fmt: skip
        axes.set_axis_off()
        figure.text((left - 0.08) / width, 1 - (place + size / 2) / height, name, fontsize=NORMAL, ha="right",
                    va="center", color=LINES[BLOCKS.index(name)] if name in BLOCKS else GREY)  # fmt: skip
        place += size
    return figure


def _held_out(axes: Any, each: BlockStudy, scale: Any, look: Mapping[str, Any]) -> None:
    points = each.run.curve
    axes.plot([scale(point.step) for point in points], [point.loss for point in points], **look)


def _frechet(axes: Any, each: BlockStudy, scale: Any, look: Mapping[str, Any]) -> None:
    found = each.frechet
    x = [scale(step) for step in found]
    axes.plot(x, [value.value for value in found.values()], markersize=3, **look)
    low, high = [value.low for value in found.values()], [value.high for value in found.values()]
    axes.fill_between(x, low, high, color=look["color"], alpha=0.15, linewidth=0)


def _few_labels(axes: Any) -> FuncFormatter:
    """Labels of minor ticks of a logarithmic axis: the fewer, the more decades it has when it is drawn."""

    def label(value: float, _: int) -> str:
        low, high = axes.get_ylim()
        wanted = range(1, 10) if high / low < 5 else (1, 2, 3, 5) if high / low < 100 else ()
        return f"{value:.3g}" if round(value / 10.0 ** np.floor(np.log10(value))) in wanted else ""

    return FuncFormatter(label)


def _of_classes(study: DataStudy, labels: NDArray[Any]) -> NDArray[np.float32]:
    """The data's first picture of each label (n, channels, rows, columns)."""
    first = [int(np.argmax(study.data.labels.numpy() == label)) for label in labels]
    return study.data.normalised(first).numpy()


def _strip(pictures: NDArray[Any]) -> NDArray[Any]:
    """Pictures (n, channels, rows, columns) in a row with light gaps: (height, width, channels), 0 to 1."""
    n, channels, rows, columns = pictures.shape
    strip = np.ones((rows + 1, n * (columns + 1), channels), dtype=np.float32)
    for k, picture in enumerate(pictures):
        strip[:rows, k * (columns + 1) : k * (columns + 1) + columns] = np.moveaxis((picture + 1) / 2, 0, -1)
    return strip
