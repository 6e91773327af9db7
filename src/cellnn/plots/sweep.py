"""Pictures of a study: how measures are distributed over chips, and what their variance comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..sweep.names import MEASURES
from ..sweep.study import LimitSpec, Study
from .style import LINES, NORMAL, SMALL, TITLE, Unit, plain_axes, unit_for

MOST = len(LINES)
"""Cases that a picture tells apart."""


def plot_distributions(study: Study, values: NDArray[np.float64]) -> Figure:
    """A panel for each measure of values (points, measures): a histogram of each case's draws, or, where cases have
    fewer than two draws each, the measure along the cases. What a specification rules out is shaded."""
    names, points = study.spec.measures, study.points
    figure = Figure(
        figsize=(4.4 * min(len(names), 3), 3.3 * -(-len(names) // 3)), facecolor="white", layout="constrained"
    )
    FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(-(-len(names) // 3), min(len(names), 3), squeeze=False)).reshape(-1)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for k, name in enumerate(names):
        axes, column = panels[k], values[:, k]
        there = column[np.isfinite(column)]
        symbol = MEASURES[name].unit or "1"
        unit = Unit(symbol, 1.0) if symbol == "V1" else unit_for(float(np.abs(there).max(initial=0.0)), symbol)
        label = name.replace("_", " ") + ("" if unit.label == "1" else f" [{unit.label}]")
        limit = study.spec.specification.get(name)
        label += "" if limit is None else " - shaded: out of specification"
        shown = column * unit.per_si
        if points.draws > 1:
            _histograms(axes, shown.reshape(len(points.cases), points.draws), study)
            plain_axes(axes, label, "draws")
        else:
            axes.plot(range(len(shown)), shown, "o-", color=LINES[0], markersize=3, linewidth=0.8)
            plain_axes(axes, _along(study), label)
        if limit is not None:
            _shade(axes, limit, unit.per_si, upright=points.draws > 1)
        axes.set_title(name.replace("_", " "), fontsize=TITLE, weight="bold")
    return figure


def _histograms(axes: Axes, cases: NDArray[np.float64], study: Study) -> None:
    there = cases[np.isfinite(cases)]
    if not there.size:
        return
    low, high = float(there.min()), float(there.max())
    count = int(np.clip(2 * cases.shape[1] ** (1 / 3), 5, 60))  # Rice's rule
    edges = _edges(there, count) if low < high else [low - 0.5, high + 0.5]
    for k, draws in enumerate(cases[:MOST]):
        told = ", ".join(f"{place.split('.')[-1]} {value}" for place, value in study.points.cases[k].items())
        axes.hist(draws[np.isfinite(draws)], edges, histtype="step", color=LINES[k], linewidth=1.2, label=told or None)
    if len(cases) > 1:
        more = f"the first {MOST} of {len(cases)} cases" if len(cases) > MOST else None
        axes.legend(fontsize=SMALL, frameon=False, title=more, title_fontsize=SMALL)


def _edges(values: NDArray[np.float64], count: int) -> list[float]:
    """Of about so many bins. Of values in equal steps, such as shares of cells, each bin holds as many."""
    distinct = np.unique(values)
    low, high, gaps = float(distinct[0]), float(distinct[-1]), np.diff(distinct)
    step = float(gaps.min())
    if np.abs(gaps / step - np.rint(gaps / step)).max() > 1e-3:
        return list(np.linspace(low, high, count + 1).tolist())
    width = step * np.ceil((high - low) / step / count)
    return list(np.arange(low - step / 2, high + width, width).tolist())


def _along(study: Study) -> str:
    axes = study.points.axes
    return axes[0].name if len(axes) == 1 else "point"


def _shade(axes: Axes, limit: LimitSpec, per_si: float, upright: bool) -> None:
    """What lies beyond the limits."""
    low, high = axes.get_xlim() if upright else axes.get_ylim()
    span = axes.axvspan if upright else axes.axhspan
    beyond: list[tuple[float, float]] = []
    if limit.below is not None and limit.below * per_si < high:
        beyond.append((limit.below * per_si, high))
    if limit.above is not None and limit.above * per_si > low:
        beyond.append((low, limit.above * per_si))
    for first, last in beyond:
        span(first, last, color=LINES[1], alpha=0.12, linewidth=0)
    (axes.set_xlim if upright else axes.set_ylim)(low, high)


def plot_sensitivity(content: Mapping[str, Any]) -> Figure:
    """Bars of the variance's shares with their intervals, a panel for each measure of the first case of a report."""
    found = {name: one for name, one in content["cases"][0]["sensitivity"].items() if one["shares"]}
    places = list(next(iter(found.values()))["shares"])
    size = (1.6 + 3.4 * len(found), 1.2 + 0.5 * len(places))
    figure = Figure(figsize=size, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(found), squeeze=False, sharey=True)[0]
    for axes, (name, one) in zip(panels, found.items(), strict=True):
        for k, (kind, label) in enumerate((("first", "by itself"), ("total", "with all others"))):
            if kind not in one["shares"][places[0]]:
                continue
            widths = [one["shares"][place][kind] for place in places]
            errors = [one["shares"][place][f"{kind}_half_width"] for place in places]
            above = [row - 0.18 * (1 - 2 * k) for row in range(len(places))]
            axes.barh(above, widths, 0.34, xerr=errors, color=LINES[k + 1], label=label, error_kw={"linewidth": 0.8})
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
        axes.set_yticks(range(len(places)), places, fontsize=NORMAL)
        axes.set_ylim(len(places) - 0.4, -0.6)
        plain_axes(axes, "share of the variance", "")
        axes.set_title(name.replace("_", " "), fontsize=TITLE, weight="bold")
    panels[0].legend(fontsize=SMALL, frameon=False)
    return figure
