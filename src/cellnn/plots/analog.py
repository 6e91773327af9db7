"""The analog loop over time: integrators' voltages, the held answers that drive them, the ramp."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor

from ..diffusion.deployment.analog.record import AnalogRun
from .style import GREY, LARGE, NORMAL, TITLE, line_style, plain_axes, unit_for

PIXELS = 5
"""Lines in a panel: more are a thicket."""


def plot_loop(run: AnalogRun, title: str = "", pixels: list[tuple[int, int, int]] | None = None) -> Figure:
    """Figure of the first picture: the picture with the pixels marked, their voltages, their answers, the ramp.

    `pixels` (channel, row, column) default to five from the brightest to the darkest of the first channel.
    """
    chosen = pixels or _spread(run)
    figure = Figure(figsize=(8.2, 5.2), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=[1, 3.2], height_ratios=[3, 2.2, 1])
    picture, voltages = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    answers = figure.add_subplot(grid[1, 1], sharex=voltages)
    ramp = figure.add_subplot(grid[2, 1], sharex=voltages)
    time = unit_for(run.times[-1], "s")
    volts = unit_for(float(np.abs(run.waveforms).max()), "V")
    picture.imshow(run.pictures[0, 0].clamp(-1, 1).numpy(), cmap="gray", vmin=-1, vmax=1)
    picture.set_axis_off()
    picture.set_title("the picture at the end", fontsize=NORMAL)
    held_to = np.append(run.held_from[1:], run.times[-1])
    for index, (channel, row, column) in enumerate(chosen):
        style = line_style(index + 1)
        where = (..., channel, row, column)
        voltages.plot(run.times * time.per_si, run.waveforms[where] * volts.per_si, **style)
        answers.hlines(
            run.held[where], run.held_from * time.per_si, held_to * time.per_si, color=style["color"], linewidth=1.3
        )
        picture.plot(column, row, "o", color=style["color"], markersize=6, markeredgecolor="white", markeredgewidth=0.8)
    ramp.plot(run.times * time.per_si, run.ramp, color=GREY, linewidth=1.3)
    plain_axes(voltages, "", f"pixel [{volts.label}]")
    plain_axes(answers, "", "network's answer")
    plain_axes(ramp, f"time [{time.label}]", "ramp")
    for axes in (voltages, answers):
        axes.tick_params(labelbottom=False)
    ramp.set_yticks([0, 0.5, 1])
    voltages.set_title("integrators, where marked in the picture", fontsize=LARGE)
    answers.set_title("what they integrate: the answer held for each", fontsize=LARGE)
    if title:
        figure.suptitle(title, fontsize=TITLE)
    return figure


def plot_rows(pictures: Mapping[str, Tensor], count: int = 12) -> Figure:
    """Figure of the first `count` pictures (n, channels, rows, columns) of each name, a row for each."""
    rows = {name: found[:count, 0].clamp(-1, 1).numpy() for name, found in pictures.items()}
    figure = Figure(figsize=(2.2 + 0.5 * count, 0.5 * len(rows)))
    for k, (name, found) in enumerate(rows.items()):
        axes = figure.add_axes((2.2 / (2.2 + 0.5 * count), 1 - (k + 1) / len(rows), 0.5 * count / (2.2 + 0.5 * count),
                                1 / len(rows)))  # fmt: skip
        strip = np.concatenate([np.pad(picture, 1, constant_values=-0.25) for picture in found], axis=1)
        axes.imshow(strip, cmap="gray", vmin=-1, vmax=1, aspect="auto")
        axes.set_axis_off()
        axes.text(-0.01, 0.5, name, transform=axes.transAxes, ha="right", va="center", fontsize=NORMAL)
    return figure


def _spread(run: AnalogRun) -> list[tuple[int, int, int]]:
    """Pixels evenly spaced in the order of their last voltage, which therefore end apart."""
    last = run.waveforms[-1, 0]
    levels = np.linspace(last.max(), last.min(), PIXELS)
    flat = [int(np.abs(last - level).argmin()) for level in levels]
    return [(0, *divmod(k, last.shape[1])) for k in dict.fromkeys(flat)]
