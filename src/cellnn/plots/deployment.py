"""Pictures of a deployment: what each effect costs, and how far answers are off as pictures emerge from noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..diffusion.deployment.spice.layer import LayerRun
from .style import GREY, LINES, NORMAL, SMALL, TITLE, plain_axes, unit_for


def plot_effects(ablation: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Bars of the distance from the ideal network, of each effect by itself and of all but it, the costliest on top.

    `ablation` is that of report.json; cases that failed have no bar.
    """
    ablation = {name: one for name, one in ablation.items() if one["difference"] is not None}
    names = [name.removeprefix("only ") for name in ablation if name.startswith("only ")]
    names.sort(key=lambda name: ablation[f"only {name}"]["difference"])
    figure = Figure(figsize=(7.2, 1.3 + 0.36 * len(names)), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    plain_axes(axes, "distance of the network's answers from the ideal one's [%]", "")
    kinds = (("only", "this effect alone", 0.18), ("all but", "all but this effect", -0.18))
    for color, (kind, label, above) in zip(LINES, kinds, strict=False):
        there = [k for k, name in enumerate(names) if f"{kind} {name}" in ablation]
        widths = [100 * ablation[f"{kind} {names[k]}"]["difference"] for k in there]
        axes.barh([k + above for k in there], widths, 0.34, color=color, label=label)
    if "all" in ablation:
        _mark(axes, 100 * ablation["all"]["difference"])
    axes.set_yticks(range(len(names)), names, fontsize=NORMAL)
    axes.legend(fontsize=SMALL, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.04), ncols=2)
    return figure


def _mark(axes: Axes, everything: float) -> None:
    axes.axvline(everything, color=GREY, linewidth=0.9, linestyle="--")
    axes.annotate(f"all: {everything:.1f} %", (everything, 1.0), xycoords=("data", "axes fraction"), ha="center",
                  va="bottom", fontsize=SMALL, color=GREY)  # fmt: skip


def plot_answers(answers: Sequence[Mapping[str, Any]], blocks: Mapping[str, float]) -> Figure:
    """Errors of the ideal and the deployed network over diffusion time, and the distance of each block.

    `answers` and `blocks` are those of report.json.
    """
    figure = Figure(figsize=(8.4, 3.2), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    over, each = figure.subplots(1, 2)
    t = [one["t"] for one in answers]
    for k, name in enumerate(("ideal", "deployed")):
        over.plot(t, [one[name] for one in answers], "os"[k] + "-", color=LINES[k], label=name, markersize=4)
    plain_axes(over, "diffusion time (1: noise)", "mean squared error of answers")
    over.set_ylim(bottom=0)
    over.legend(fontsize=NORMAL, frameon=False)
    over.set_title("answers", fontsize=TITLE, weight="bold")
    plain_axes(each, "", "distance from ideal [%]")
    each.bar(list(blocks), [100 * value for value in blocks.values()], color=LINES[1])
    each.tick_params(axis="x", labelsize=SMALL)
    each.set_title("blocks, in the network's order", fontsize=TITLE, weight="bold")
    return figure


def plot_states(run: LayerRun, cells: int = 7) -> Figure:
    """Waveforms of a layer that answers: v of its cells that move most, one in each of so many channels, and x of their
    memristors, or what their currents are at R, where there are some."""
    names = run.array.cell.states
    labels = {"x": "memristor x", "w": "R i"}
    figure = Figure(figsize=(4.2 * len(names) + 0.4, 3.2), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"layer {run.name}: cells of {cells} channels as it answers", fontsize=TITLE, weight="bold")
    v = run.waves("v")
    end = v[-1].reshape(v.shape[1], -1)
    chosen = np.argsort(np.abs(end).max(axis=1))[::-1][:cells]
    seconds, volts = unit_for(run.times[-1], "s"), unit_for(float(np.abs(v).max()), "V")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(names))), names, strict=True):
        waves = run.waves(name).reshape(len(v), v.shape[1], -1)
        for k, channel in enumerate(chosen):
            place = int((end[channel] * (1 if k % 2 else -1)).argmax())  # the highest and the lowest in turn
            wave = waves[:, channel, place] * (1.0 if name == "x" else volts.per_si)
            row, column = divmod(place, v.shape[3])
            axes.plot(run.times * seconds.per_si, wave, color=LINES[k % len(LINES)], linewidth=1.1,
                      label=f"channel {channel}, ({row}, {column})")  # fmt: skip
        what = labels.get(name, "state v")
        plain_axes(axes, f"time [{seconds.label}]", what if name == "x" else f"{what} [{volts.label}]")
        if name == "v":
            axes.legend(fontsize=SMALL, frameon=False)
    return figure
