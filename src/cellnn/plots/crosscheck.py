"""A cross-check: the waveforms of the worst cells from both sides, their difference, and the measure of every cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ..netlists.crosscheck import Comparison, Verdict
from ..netlists.measure import Tolerance
from .panels import draw_map, label_map, panel_size
from .sheet import Area, Block, stack
from .style import (
    GREY,
    LARGE,
    LINES,
    NORMAL,
    SEQUENTIAL,
    SMALL,
    Unit,
    colour_bar,
    largest_magnitude,
    plain_axes,
    unit_for,
)

Cell = tuple[int, int, int]
"""(channel, row, column) within the window."""

_CELLS = 4
_LOOKED_AT = 300
# inches
_HEADING, _WAVES, _DIFFERENCE, _GAP, _FOOT = 0.36, 1.65, 0.95, 0.16, 0.55
_LABELS, _PANEL, _RIGHT, _LEGEND, _MAP, _BAR = 0.68, 2.5, 0.12, 1.45, 1.5, 0.11
_OVER = "#d55e00"


def plot_crosscheck(verdict: Verdict, name: str = "") -> Figure:
    """A sheet of a block per layer, a column per variable (state, output, memristor state).

    On top the worst cells of the layer: lines from the grid simulator, dots from ngspice. Below them the differences,
    and what is tolerated of the worst one. At the bottom the measure of every cell, of several channels the largest.
    """
    layers = list(dict.fromkeys(one.layer for one in verdict.comparisons))
    blocks: list[Block] = [_Words(verdict)]
    for number, layer in enumerate(layers, start=1):
        found = [one for one in verdict.comparisons if one.layer == layer]
        heading = f"layer {number}: {layer}" if len(layers) > 1 else layer
        blocks.append(_LayerBlock(found, verdict.tolerance, heading))
    return stack(blocks, name or "cross-check")


@dataclass(frozen=True)
class _Words:
    """The verdict in a line."""

    verdict: Verdict
    width: float = 6.5
    height: float = 0.3

    def draw(self, area: Area) -> None:
        one = self.verdict
        told = "agree" if one.passed else "DISAGREE"
        text = f"cellnn and ngspice {one.ngspice_version} {told}: measure {one.rms:.3g} (below 1 they agree)"
        area.text(area.width / 2, 0.04, text, fontsize=LARGE, ha="center", color=GREY if one.passed else _OVER)


@dataclass(frozen=True)
class _LayerBlock:
    """One layer: a column per variable."""

    found: list[Comparison]
    tolerance: Tolerance
    heading: str

    @property
    def panel(self) -> tuple[float, float]:
        _, rows, columns = self.found[0].rms.shape
        return panel_size(rows, columns, _MAP)

    @property
    def width(self) -> float:
        return len(self.found) * (_LABELS + _PANEL + _RIGHT) + _LEGEND

    @property
    def height(self) -> float:
        return _HEADING + _WAVES + _GAP + _DIFFERENCE + 2 * _FOOT + 0.2 + self.panel[1]

    def draw(self, area: Area) -> None:
        window, cells = self.found[0].window, _worst_cells(self.found)
        area.text(0.1, 0.06, self.heading, fontsize=LARGE, weight="bold")
        seconds = unit_for(largest_magnitude([self.found[0].times]), "s")
        # one prefix for states and outputs; rounding must not turn 1 V into 1000 mV
        waves = [side for one in self.found if one.variable != "memristor" for side in (one.ours, one.theirs)]
        volts = unit_for(1.001 * largest_magnitude(waves), "V")
        second = _HEADING + _WAVES + _GAP
        third = second + _DIFFERENCE + _FOOT + 0.2
        for column, one in enumerate(self.found):
            left = _LABELS + column * (_LABELS + _PANEL + _RIGHT)
            top = area.axes(left, _HEADING, _PANEL, _WAVES)
            _draw_waves(top, one, cells, seconds, Unit("1", 1.0) if one.variable == "memristor" else volts)
            below = area.axes(left, second, _PANEL, _DIFFERENCE, sharex=top)
            _draw_difference(below, one, cells, seconds, self.tolerance)
            self._draw_measure(area, left, third, one, cells)
        origin = np.array([0, window.rows[0], window.columns[0]])
        places = [tuple(map(int, origin + cell)) for cell in cells]
        top.legend(
            handles=_legend(places, any(bool(one.rms.max() >= 1) for one in self.found)),
            fontsize=SMALL, title_fontsize=SMALL, loc="upper left", bbox_to_anchor=(1.0, 1.08), frameon=False,
            alignment="left", title="worst cells\n(channel, row, column)",
        )  # fmt: skip

    def _draw_measure(self, area: Area, left: float, top: float, one: Comparison, cells: list[Cell]) -> None:
        width, height = self.panel
        values = one.rms.max(axis=0)
        limits = Normalize(0.0, float(values.max()) or 1.0)
        axes = area.axes(left, top, width, height)
        image = draw_map(axes, values, SEQUENTIAL, limits)
        (row, last), (column, end) = one.window.rows, one.window.columns
        image.set_extent((column - 0.5, end - 0.5, last - 0.5, row - 0.5))
        axes.set(xlim=(column - 0.5, end - 0.5), ylim=(last - 0.5, row - 0.5))
        label_map(axes, row_label="row", column_label=True)
        channels = len(one.rms)
        axes.set_title(
            f"{one.variable}" + (f", largest of {channels} channels" if channels > 1 else ""), fontsize=NORMAL, pad=3
        )
        for i, j in np.argwhere(values >= 1.0):
            axes.add_patch(_frame(row + i, column + j, 1.0, edgecolor=_OVER, linewidth=1.0))
        for index, (_, i, j) in enumerate(cells):
            axes.plot(
                column + j, row + i, "o", color=LINES[index], markersize=4, markeredgecolor="white", markeredgewidth=0.7
            )
        bar = area.axes(left + width + 0.1, top, _BAR, height)
        colour_bar(bar, SEQUENTIAL, limits, "measure [1]")


def _worst_cells(found: list[Comparison]) -> list[Cell]:
    """The worst cell of every variable, then those that follow by their largest measure; of equal waveforms one."""
    shape = found[0].rms.shape
    order = np.argsort(-np.max([one.rms for one in found], axis=0), axis=None, kind="stable")
    # less than this, and a reader could not tell two lines apart
    sides = [(side, 0.01 * (float(np.ptp(side)) or 1.0)) for one in found for side in (one.ours, one.theirs)]

    def alike(one: Cell, other: Cell) -> bool:
        return all(bool((np.abs(side[:, *one] - side[:, *other]) < limit).all()) for side, limit in sides)

    chosen: list[Cell] = []
    for index in [*(int(one.rms.argmax()) for one in found), *map(int, order[:_LOOKED_AT])]:
        k, i, j = (int(n) for n in np.unravel_index(index, shape))
        if not any(alike((k, i, j), cell) for cell in chosen):
            chosen.append((k, i, j))
    return chosen[:_CELLS]


def _unit_of(one: Comparison, values: list[Any]) -> Unit:
    return unit_for(largest_magnitude(values), "1" if one.variable == "memristor" else "V")


def _draw_waves(axes: Axes, one: Comparison, cells: list[Cell], seconds: Unit, unit: Unit) -> None:
    times = one.times * seconds.per_si
    for index, cell in enumerate(cells):
        ours, theirs = one.ours[:, *cell] * unit.per_si, one.theirs[:, *cell] * unit.per_si
        axes.plot(times, ours, color=LINES[index], linewidth=1.2)
        dots: dict[str, Any] = {"markersize": 4.5, "markerfacecolor": "none", "markeredgewidth": 0.9}
        axes.plot(times, theirs, "o", color=LINES[index], markevery=(0.02 * index, 0.08), **dots)
    plain_axes(axes, "", f"{one.variable} [{unit.label}]")
    axes.tick_params(labelbottom=False)


def _draw_difference(axes: Axes, one: Comparison, cells: list[Cell], seconds: Unit, tolerance: Tolerance) -> None:
    """cellnn - ngspice of these cells, and what is tolerated of the first of them that is the variable's worst."""
    chosen = [one.ours[:, *cell] - one.theirs[:, *cell] for cell in cells]
    unit, times = _unit_of(one, chosen), one.times * seconds.per_si
    k, i, j = np.unravel_index(int(one.rms.argmax()), one.rms.shape)
    allowed = tolerance.reltol * np.abs(one.theirs[:, k, i, j]) + tolerance.abstol * one.unit
    axes.fill_between(times, -allowed * unit.per_si, allowed * unit.per_si, color="#e3e3e3", linewidth=0)
    for index, values in enumerate(chosen):
        axes.plot(times, values * unit.per_si, color=LINES[index], linewidth=1.0)
    largest = largest_magnitude(chosen) * unit.per_si
    # a band far beyond the curves is cut off: they are what there is to see
    limit = 1.15 * max(largest, min(float(allowed.max()) * unit.per_si, 3 * largest)) or 1.0
    axes.set_ylim(-limit, limit)
    if allowed.max() * unit.per_si > limit:
        told = "tolerance up to ±" + _unit_of(one, [allowed]).text(float(allowed.max())).removesuffix(" 1")
        axes.text(0.98, 0.93, told, transform=axes.transAxes, fontsize=SMALL, color=GREY, ha="right", va="top")
    plain_axes(axes, f"time [{seconds.label}]", f"cellnn - ngspice\n[{unit.label}]")


def _frame(row: float, column: float, size: float, **options: Any) -> Rectangle:
    return Rectangle((column - size / 2, row - size / 2), size, size, fill=False, **options)


def _legend(places: list[tuple[int, ...]], over: bool) -> list[Any]:
    handles: list[Any] = [Line2D([], [], color=LINES[k], label=str(place)) for k, place in enumerate(places)]
    handles.append(Line2D([], [], color=GREY, linewidth=1.2, label="cellnn"))
    handles.append(Line2D([], [], color=GREY, linestyle="", marker="o", markersize=4.5, mfc="none", label="ngspice"))
    handles.append(Patch(color="#e3e3e3", label="tolerance, worst cell"))
    if over:
        handles.append(Patch(edgecolor=_OVER, facecolor="none", label="measure 1 or more"))
    return handles
