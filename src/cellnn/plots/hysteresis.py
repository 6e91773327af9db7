"""A memristor's pinched hysteresis loop."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from ..devices.codegen.numba_functions import numba_functions
from ..devices.errors import InputError
from ..devices.memristor import Memristor
from .drive_search import open_drive
from .sheet import Area
from .sinusoid import Driven, drive
from .style import GREY, LINES, NORMAL, SMALL, TITLE, largest_magnitude, plain_axes, unit_for

_FASTER = (3, 10)
"""The loop is drawn at these multiples of the frequency too: it closes as the frequency grows."""


def plot_hysteresis(
    device: Memristor,
    amplitude: float | None = None,
    frequency: float | None = None,
    x0: float = 0.1,
    cycles: int = 2,
) -> Figure:
    """The current-voltage loop under v = amplitude sin(2 pi frequency t); voltage, state and current over time.

    `amplitude` [V] and `frequency` [Hz] are searched for where not given, so that the loop is visibly open;
    `x0` is the state at the start. Raises InputError for values out of range.
    """
    _check(amplitude, frequency, x0, cycles)
    functions = numba_functions(device)
    amplitude, frequency = (
        open_drive(functions, x0, amplitude, frequency)
        if amplitude is None or frequency is None
        else (amplitude, frequency)
    )
    driven = drive(functions, amplitude, frequency, x0, cycles)
    faster = [drive(functions, amplitude, factor * frequency, x0, cycles) for factor in _FASTER]
    figure = Figure(figsize=(10.0, 5.2), facecolor="white")
    area = Area(figure, 0, 0, 10.0, 5.2)
    area.text(5.0, 0.14, f"{device.title} ({device.name})", fontsize=TITLE, weight="bold", ha="center")
    volts, hertz = unit_for(amplitude, "V"), unit_for(frequency, "Hz")
    drawn = f"{volts.text(amplitude)} at {hertz.text(frequency)}, state {x0:g} at the start"
    area.text(5.0, 0.42, drawn, fontsize=NORMAL, color=GREY, ha="center")
    _draw_loop(area, driven, faster)
    _draw_over_time(area, driven)
    return figure


def _draw_loop(area: Area, driven: Driven, faster: list[Driven]) -> None:
    axes = area.axes(0.75, 0.95, 4.4, 3.75)
    volts = unit_for(largest_magnitude([driven.voltage]), "V")
    amperes = unit_for(largest_magnitude(run.current for run in (driven, *faster)), "A")
    for index, run in enumerate((driven, *faster)):
        cycle = run.last_cycle
        axes.plot(
            run.voltage[cycle] * volts.per_si,
            run.current[cycle] * amperes.per_si,
            color=(LINES[2], LINES[1], LINES[0])[index],
            linestyle=("-", "--", ":")[index],
            linewidth=1.8 if index == 0 else 1.1,
            zorder=4 - index,
            label=unit_for(run.frequency, "Hz").text(run.frequency),
        )
    for spot in (axes.axhline, axes.axvline):
        spot(0.0, color="#999999", linewidth=0.7, zorder=1)
    plain_axes(axes, f"voltage [{volts.label}]", f"current [{amperes.label}]")
    axes.legend(
        fontsize=SMALL,
        title="last cycle at",
        title_fontsize=SMALL,
        frameon=False,
        ncols=4,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        alignment="left",
        borderaxespad=0.1,
    )


def _draw_over_time(area: Area, driven: Driven) -> None:
    seconds = unit_for(driven.time[-1], "s")
    volts = unit_for(largest_magnitude([driven.voltage]), "V")
    amperes = unit_for(largest_magnitude([driven.current]), "A")
    curves = (
        (driven.voltage * volts.per_si, f"voltage [{volts.label}]", LINES[0]),
        (driven.state, "state [1]", LINES[3]),
        (driven.current * amperes.per_si, f"current [{amperes.label}]", LINES[2]),
    )
    height, gap = 1.13, 0.18
    for index, (values, label, colour) in enumerate(curves):
        axes = area.axes(6.0, 0.95 + index * (height + gap), 3.8, height)
        axes.plot(driven.time * seconds.per_si, values, color=colour, linewidth=1.4)
        last = index == len(curves) - 1
        plain_axes(axes, f"time [{seconds.label}]" if last else "", label)
        axes.set_xlim(0.0, driven.time[-1] * seconds.per_si)
        axes.tick_params(labelbottom=last)
        axes.yaxis.set_label_coords(-0.115, 0.5)


def _check(amplitude: float | None, frequency: float | None, x0: float, cycles: int) -> None:
    for name, value in (("amplitude", amplitude), ("frequency", frequency)):
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise InputError(name, value, f"a positive number of {'volts' if name == 'amplitude' else 'hertz'}")
    if not 0 <= x0 <= 1:
        raise InputError("x0", x0, "a state from 0 to 1")
    if int(cycles) != cycles or not 1 <= cycles <= 100:
        raise InputError("cycles", cycles, "a whole number from 1 to 100")
