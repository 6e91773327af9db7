"""The pictures of the study of the continuous U-Net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .restoration import plot_restoration
from .style import LARGE, LINES, NORMAL, SMALL, plain_axes

if TYPE_CHECKING:
    from ..diffusion.study_continuous.findings import Network, Study

_LOOKS = {"reverse-sde": (LINES[3], "o"), "dpm-solver++": (LINES[2], "s"), "probability-flow": (LINES[1], "^")}


def plot_samplers(study: Study) -> Figure:
    """Frechet distance with its interval against evaluations and seconds for a picture, a dash for each network."""
    figure = Figure(figsize=(9.0, 3.9), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2, sharey=True)
    for dash, network in (("-", study.baseline), ("--", study.continuous)):
        for sampler, (colour, marker) in _LOOKS.items():
            points = sorted(
                (point for point in network.curve if point.run.sampler == sampler), key=lambda point: point.evaluations
            )
            value = np.array([point.distance.value for point in points])
            reach = np.array([[p.distance.value - p.distance.low, p.distance.high - p.distance.value] for p in points])
            for k, name in enumerate(("evaluations", "seconds")):
                axes[k].errorbar(
                    [getattr(point, name) for point in points], value, yerr=np.maximum(reach.T, 0), color=colour,
                    marker=marker, markersize=4, linestyle=dash, linewidth=1.2, elinewidth=0.7,
                    markerfacecolor=colour if dash == "-" else "white", label=f"{sampler}, {network.name}",
                )  # fmt: skip
    for k, label in enumerate(("network evaluations a picture", f"s a picture, {study.settings.threads} threads")):
        plain_axes(axes[k], label, "Frechet distance (lower is better)" if k == 0 else "")
        axes[k].set_xscale("log")
        axes[k].set_yscale("log")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=SMALL,
                  frameon=False)  # fmt: skip
    return figure


def plot_memory(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """What is kept for the backward pass, and how far the gradients are apart, against the solver's steps."""
    figure = Figure(figsize=(8.0, 3.0), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    steps = [row["steps"] for row in rows]
    for name, colour in (("direct", LINES[2]), ("adjoint", LINES[1])):
        left.plot(steps, [row[f"{name}_bytes"] / 1e6 for row in rows], "o-", color=colour, markersize=4, label=name)
    plain_axes(left, "steps of the solver", "kept for the backward pass [MB]")
    left.set_ylim(bottom=0)
    left.legend(fontsize=SMALL, frameon=False)
    right.plot(steps, [row["gradient_difference"] for row in rows], "o-", color=LINES[0], markersize=4)
    plain_axes(right, "steps of the solver", "adjoint's gradient: relative difference")
    right.set_xscale("log", base=2)
    right.set_yscale("log")
    right.set_xticks(steps, [str(step) for step in steps])
    return figure


def plot_study_samples(networks: Sequence[Network]) -> Figure:
    """Samples of the networks from the same noise, of the same classes, a block of rows for each."""
    sheets = [_sheet(np.asarray(network.pictures, dtype=np.float32)) for network in networks]
    size = sheets[0].shape[1] / 36, sheets[0].shape[0] / 36
    figure = Figure(figsize=(size[0] + 0.2, (size[1] + 0.35) * len(sheets)), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    for axes, network, sheet in zip(figure.subplots(len(sheets), 1), networks, sheets, strict=True):
        grey = sheet.shape[-1] == 1
        axes.imshow(sheet[..., 0] if grey else sheet, cmap="gray" if grey else None, vmin=0, vmax=1)
        axes.set_axis_off()
        told = f"{network.name}, Frechet distance {network.distance.shown()}"
        axes.set_title(told, fontsize=min(LARGE, NORMAL + 0.5), loc="left")
    return figure


def plot_restored(networks: Sequence[Network]) -> Figure:
    """Restored pictures and their measures by noise level, of each network."""
    return plot_restoration([_as_restoration(network) for network in networks])


def _as_restoration(network: Network) -> Any:
    """What is kept as JSON, with the names that plot_restoration reads."""
    found = network.restoration
    rows = [
        SimpleNamespace(
            level=row["level"], method=row["method"], pictures=np.asarray(row["pictures"], dtype=np.float32),
            measures={name: SimpleNamespace(**value) for name, value in row["measures"].items()},
        )
        for row in found["levels"]
    ]  # fmt: skip
    return SimpleNamespace(model=network.name, rows=rows, true=np.asarray(found["true"], dtype=np.float32))


def _sheet(pictures: Any, columns: int = 10) -> Any:
    """Pictures (n, channels, rows, columns) side by side, light gaps between them, 0 to 1."""
    n, channels, height, width = pictures.shape
    rows = -(-n // columns)
    sheet = np.ones((rows * (height + 2), columns * (width + 2), channels), dtype=np.float32)
    for k, picture in enumerate(pictures):
        top, left = k // columns * (height + 2) + 1, k % columns * (width + 2) + 1
        sheet[top : top + height, left : left + width] = np.moveaxis((picture + 1) / 2, 0, -1)
    return sheet
