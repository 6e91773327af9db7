"""One look for every picture: colour maps, fonts, units with SI prefixes, colour bars."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

SIGNED = LinearSegmentedColormap.from_list(
    "cellnn-signed", ["#e8953c", "#f3b673", "#fadcb5", "#ffffff", "#b4cbe2", "#4a7fb5", "#0a1a33"], N=255
)
"""States, outputs and inputs: white at 0, dark at + (a CellNN's black is +1), orange at -. Orange against
blue is told apart by every common form of colour blindness."""

SEQUENTIAL = "viridis"
"""Memristor states, 0 to 1."""

LINES = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours for lines, the yellow left out: it fades on white."""

SMALL, NORMAL, LARGE, TITLE = 7.0, 8.0, 9.5, 12.0
"""Font sizes [pt]: tick labels, axis labels, panel titles, the figure's title."""

GREY = "#666666"

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}


@dataclass(frozen=True)
class Unit:
    """A unit with its SI prefix: `label` is how it is written, `per_si` how many of it make one SI unit."""

    label: str
    per_si: float

    def text(self, value: float) -> str:
        """An SI value written in this unit: 2.5e-6 -> '2.5 µs'."""
        return f"{value * self.per_si:.3g} {self.label}"


def unit_for(largest: float, symbol: str) -> Unit:
    """The unit whose prefix suits values up to `largest` (in SI units): 1 to 999 of it."""
    size = abs(float(largest))
    if symbol == "1" or size == 0 or not math.isfinite(size):
        return Unit(symbol, 1.0)
    exponent = 3 * math.floor(math.log10(size) / 3 + 1e-9)
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    return Unit(_PREFIXES[exponent] + symbol, 10.0**-exponent)


def largest_magnitude(arrays: Iterable[NDArray[Any] | None]) -> float:
    """max |value| over all the finite values given; 0 where there is none."""
    largest = 0.0
    for values in arrays:
        if values is not None and values.size:
            for bound in (np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)):
                if math.isfinite(bound):
                    largest = max(largest, abs(float(bound)))
    return largest


def signed_limits(*arrays: NDArray[Any] | None, at_least: float = 0.0) -> Normalize:
    """Colour limits symmetric about 0 that hold every value and +-`at_least`."""
    limit = max(largest_magnitude(arrays), at_least) or 1.0
    return Normalize(-limit, limit)


def fraction_limits(values: NDArray[Any]) -> Normalize:
    """Colour limits of memristor states: 0 to 1, or tenths of that around a small spread so that it shows."""
    low, high = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    if not (0.0 <= low <= high <= 1.0) or high - low > 0.3:
        return Normalize(0.0, 1.0)
    step = 0.1 if high - low > 0.03 else 0.01
    low = min(math.floor(low / step + 1e-6) * step, 1.0 - step)
    high = math.ceil(high / step - 1e-6) * step
    return Normalize(low, min(max(high, low + step), 1.0))


def colour_bar(cax: Axes, cmap: Any, limits: Normalize, label: str, *, horizontal: bool = False) -> Colorbar:
    """A colour bar that fills the axes `cax`, with a label that holds the unit."""
    bar = Colorbar(
        cax,
        ScalarMappable(limits, cmap),
        orientation="horizontal" if horizontal else "vertical",
        ticks=MaxNLocator(nbins=4 if not horizontal else 2, steps=[1, 2, 5, 10]),
    )
    bar.set_label(label, fontsize=NORMAL)
    bar.ax.tick_params(labelsize=SMALL, length=2, pad=2)
    bar.outline.set_linewidth(0.5)
    return bar


def plain_axes(axes: Axes, xlabel: str, ylabel: str) -> None:
    """The look of every line plot: labels with units, a light grid, no box."""
    axes.set_xlabel(xlabel, fontsize=NORMAL, labelpad=2)
    axes.set_ylabel(ylabel, fontsize=NORMAL)
    axes.tick_params(labelsize=SMALL, length=2.5)
    axes.grid(True, color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_linewidth(0.6)


def line_style(index: int) -> dict[str, Any]:
    """Colour and dash of the index-th line: the dash changes when the colours start again."""
    dashes = ("-", "--", ":", "-.")
    return {
        "color": LINES[index % len(LINES)],
        "linestyle": dashes[index // len(LINES) % len(dashes)],
        "linewidth": 1.3,
    }
