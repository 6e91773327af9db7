"""A fit of a memristor model to measurements: data and fit, residuals, and the state over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..devices.fitting.fit import Fit
from ..devices.fitting.measurements import Trace
from .sheet import Area
from .style import GREY, LINES, NORMAL, SMALL, TITLE, Unit, largest_magnitude, plain_axes, unit_for

_NAMED = 7
"""Traces beyond these share the last colour, and one line of the legend."""
_WIDTH, _LEFT, _GAP, _RIGHT = 10.0, 0.75, 0.85, 0.2
_TOP, _TALL, _LOW, _FOOT = 0.95, 3.1, 1.25, 0.55
_DECADES = 30.0
"""Currents whose tenth and largest magnitude differ by more than this are drawn over decades."""


def plot_fit(fit: Fit, name: str) -> Figure:
    """The measured and fitted current over the voltage, the residuals, and for timed data current and state over time.

    `name` says where the data come from. The time axis counts samples where traces of different length share it.
    """
    timed = fit.measurements.traces[0].time is not None
    height = _TOP + _TALL + _FOOT + _LOW + _FOOT
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    area = Area(figure, 0, 0, _WIDTH, height)
    area.text(_WIDTH / 2, 0.14, f"{fit.device.name} fitted to {name}", fontsize=TITLE, weight="bold", ha="center")
    told = (
        f"{fit.measurements.points} points; residuals {fit.rms_decades:.2g} decades rms; "
        f"$R^2$ of the current {fit.r_squared:.5g}"
    )
    area.text(_WIDTH / 2, 0.42, told, fontsize=NORMAL, color=GREY, ha="center")
    wide = _WIDTH - _LEFT - _RIGHT
    half = (wide - _GAP) / 2
    amperes = unit_for(largest_magnitude([fit.measured]), "A")
    second = _TOP + _TALL + _FOOT
    _draw_loop(area.axes(_LEFT, _TOP, half if timed else wide, _TALL), fit, amperes)
    if not timed:
        _draw_residuals(area.axes(_LEFT, second, wide, _LOW), fit, by_voltage=True)
        return figure
    right, each = _LEFT + half + _GAP, (_TALL - 0.15) / 2
    _draw_over_time(area.axes(right, _TOP, half, each), fit, amperes)
    _draw_states(area.axes(right, _TOP + each + 0.15, half, each), fit)
    _draw_residuals(area.axes(_LEFT, second, half, _LOW), fit, by_voltage=True)
    _draw_residuals(area.axes(right, second, half, _LOW), fit, by_voltage=False)
    return figure


def _traces(fit: Fit) -> Iterator[tuple[Trace, slice, str, str]]:
    """Each trace with its part of the points, its colour, and its label (none beyond the first few)."""
    first, count = 0, len(fit.measurements.traces)
    for k, trace in enumerate(fit.measurements.traces):
        label = trace.name if k < _NAMED - 1 or count <= _NAMED else "others" if k == _NAMED - 1 else ""
        yield trace, slice(first, first + trace.current.size), LINES[min(k, _NAMED - 1)], label
        first += trace.current.size


def _current_scale(axes: Axes, fit: Fit, amperes: Unit) -> None:
    """Decades on both sides of 0 where the currents span them, the linear part up to the noise; else linear."""
    sizes = np.abs(fit.measured[fit.measured != 0])
    if sizes.max() > _DECADES * np.quantile(sizes, 0.1):
        level = max(fit.i0, 1e-8 * sizes.max()) * amperes.per_si
        axes.set_yscale("asinh", linear_width=level, base=10)
        decades = int(np.ceil(np.log10(sizes.max() * amperes.per_si / level)))
        step = max(1, int(np.ceil(decades / 4)))
        top = int(np.floor(np.log10(sizes.max() * amperes.per_si)))
        ticks = [10.0**e for e in range(top, top - decades, -step)]
        signs = [s for s, there in ((-1, (fit.measured < -level).any()), (1, (fit.measured > level).any())) if there]
        axes.set_yticks([0.0, *(s * t for s in signs for t in ticks)])
        axes.minorticks_off()
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _draw_loop(axes: Axes, fit: Fit, amperes: Unit) -> None:
    volts = unit_for(largest_magnitude(t.voltage for t in fit.measurements.traces), "V")
    axes.plot([], [], ".", color=GREY, markersize=5, alpha=0.5, label="measured")
    axes.plot([], [], "-", color=GREY, linewidth=1.2, label="fit")
    for trace, part, colour, label in _traces(fit):
        order = np.arange(trace.voltage.size) if trace.time is not None else np.argsort(trace.voltage, kind="stable")
        v, i = trace.voltage[order] * volts.per_si, fit.predicted[part][order] * amperes.per_si
        axes.plot(v, trace.current[order] * amperes.per_si, ".", color=colour, markersize=5.5, alpha=0.4)
        if trace.time is not None:  # a step of the voltage is no curve
            steps = np.flatnonzero(np.diff(trace.time) == 0) + 1
            v, i = np.insert(v, steps, np.nan), np.insert(i, steps, np.nan)
        # nor are points with a state of their own each
        line = "-" if trace.x is None or np.ptp(trace.x) == 0 else "+"
        axes.plot(v, i, line, color=colour, linewidth=1.0, markersize=4, label=label or None)
    _current_scale(axes, fit, amperes)
    plain_axes(axes, f"voltage [{volts.label}]", f"current [{amperes.label}]")
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.1}
    axes.legend(fontsize=SMALL, frameon=False, ncols=5, **place)


def _time_axis(fit: Fit) -> tuple[str, list[Any]]:
    """The label of the time axis, and the times of every trace on it: seconds, or samples where durations differ."""
    times = [trace.time - trace.time[0] for trace in fit.measurements.traces if trace.time is not None]
    longest = max(float(time[-1]) for time in times)
    if all(time[-1] > 0.3 * longest for time in times):
        seconds = unit_for(longest, "s")
        return f"time [{seconds.label}]", [time * seconds.per_si for time in times]
    starts = np.cumsum([0, *(time.size for time in times)])
    return "sample", [start + np.arange(time.size) for start, time in zip(starts[:-1], times, strict=True)]


def _draw_over_time(axes: Axes, fit: Fit, amperes: Unit) -> None:
    _, times = _time_axis(fit)
    for (trace, part, colour, _), time in zip(_traces(fit), times, strict=True):
        axes.plot(time, trace.current * amperes.per_si, ".", color=colour, markersize=5, alpha=0.4)
        axes.plot(time, fit.predicted[part] * amperes.per_si, color=colour, linewidth=1.1)
    _current_scale(axes, fit, amperes)
    plain_axes(axes, "", f"current [{amperes.label}]")
    axes.tick_params(labelbottom=False)


def _draw_states(axes: Axes, fit: Fit) -> None:
    label, times = _time_axis(fit)
    for (_, part, colour, _), time in zip(_traces(fit), times, strict=True):
        axes.plot(time, fit.states[part], color=colour, linewidth=1.2)
    axes.set_ylim(-0.03, 1.03)
    plain_axes(axes, label, "state of the fit [1]")


def _draw_residuals(axes: Axes, fit: Fit, by_voltage: bool) -> None:
    volts = unit_for(largest_magnitude(t.voltage for t in fit.measurements.traces), "V")
    label, times = (f"voltage [{volts.label}]", None) if by_voltage else _time_axis(fit)
    for k, (trace, part, colour, _) in enumerate(_traces(fit)):
        places = trace.voltage * volts.per_si if times is None else times[k]
        axes.plot(places, fit.residuals[part] / np.log(10), ".", color=colour, markersize=3, alpha=0.6)
    axes.axhline(0.0, color="#999999", linewidth=0.7, zorder=1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    plain_axes(axes, label, "fit - data [decades]")
