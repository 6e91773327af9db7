"""States and memristor states of single cells over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..devices.errors import InputError
from .result import Layer, layers_of, title_of, voltage_unit_of
from .sheet import Area, stack
from .style import LARGE, SMALL, Unit, line_style, plain_axes
from .telling import Cell, telling_cells

if TYPE_CHECKING:
    from xarray import DataTree

# inches
_HEADING, _PLOT, _FOOT = 0.36, 1.75, 0.5
_LABELS, _RIGHT, _LEGEND = 0.62, 0.1, 1.3

_SATURATION: dict[str, Any] = {"color": "#999999", "linewidth": 0.7, "linestyle": (0, (6, 3)), "zorder": 1}


def saturates(layer: Layer, cells: list[Cell]) -> bool:
    """Whether any of the cells leaves the range in which its output follows its state: the output is then nearer to
    V1 than to the state (that of a rectifier follows it without end, or is near 0)."""
    unit = layer.voltage_unit
    for k, i, j in cells:
        state, output = np.abs(layer.state[:, k, i, j]), np.abs(layer.output[:, k, i, j])
        held = (output > 0.9 * unit) & (np.abs(output - unit) < np.abs(output - state))
        if bool(((state > 1.001 * unit) & held).any()):
            return True
    return False


def draw_states(axes: Axes, layer: Layer, cells: list[Cell], volts: Unit) -> list[Line2D]:
    """The states of cells over time; grey lines where the output saturates, when one gets there."""
    lines = []
    for index, (k, i, j) in enumerate(cells):
        values = layer.state[:, k, i, j] * volts.per_si
        lines += axes.plot(layer.time * layer.time_unit.per_si, values, label=f"({k}, {i}, {j})", **line_style(index))
    if saturates(layer, cells):
        for level in (-layer.voltage_unit, layer.voltage_unit):
            axes.axhline(level * volts.per_si, **_SATURATION)
    plain_axes(axes, f"time [{layer.time_unit.label}]", f"state [{volts.label}]")
    _tight_time(axes, layer)
    return lines


def draw_memristors(axes: Axes, layer: Layer, cells: list[Cell]) -> list[Line2D]:
    """The memristor states of cells over time."""
    lines: list[Line2D] = []
    if layer.memristor is not None:
        for index, (k, i, j) in enumerate(cells):
            values = layer.memristor[:, k, i, j]
            lines += axes.plot(layer.time * layer.time_unit.per_si, values, **line_style(index))
    plain_axes(axes, f"time [{layer.time_unit.label}]", "memristor [1]")
    _tight_time(axes, layer)
    return lines


@dataclass(frozen=True)
class TrajectoryBlock:
    """The trajectories of one layer: states, memristor states beside them, the legend on the right."""

    layer: Layer
    volts: Unit
    cells: list[Cell]
    heading: str

    @property
    def width(self) -> float:
        """The least width that reads well."""
        return 7.5

    @property
    def height(self) -> float:
        """Its height."""
        return _HEADING + _PLOT + _FOOT

    def draw(self, area: Area) -> None:
        """Draw over the whole width of the area."""
        area.text(0.1, 0.06, self.heading, fontsize=LARGE, weight="bold")
        panels = 1 if self.layer.memristor is None else 2
        width = (area.width - _LEGEND) / panels - _LABELS - _RIGHT
        axes = area.axes(_LABELS, _HEADING, width, _PLOT)
        lines = draw_states(axes, self.layer, self.cells, self.volts)
        if panels == 2:
            beside = area.axes(2 * _LABELS + width + _RIGHT, _HEADING, width, _PLOT)
            draw_memristors(beside, self.layer, self.cells)
            axes = beside
        if saturates(self.layer, self.cells):
            lines.append(Line2D([], [], label="output saturates", **_SATURATION))
        axes.legend(
            handles=lines,
            title="cell\n(channel, row, column)",
            fontsize=SMALL,
            title_fontsize=SMALL,
            loc="upper left",
            bbox_to_anchor=(1.0, 1.08),
            frameon=False,
            alignment="left",
        )


def trajectory_blocks(layers: list[Layer], cells: Iterable[Cell] | None = None) -> list[TrajectoryBlock]:
    """A block for each layer."""
    wanted = None if cells is None else list(cells)
    volts = voltage_unit_of(layers)
    blocks = []
    for number, layer in enumerate(layers, start=1):
        chosen = telling_cells(layer) if wanted is None else _checked(wanted, layer)
        heading = f"layer {number}: {layer.name}" if len(layers) > 1 else layer.name
        blocks.append(TrajectoryBlock(layer, volts, chosen, f"{heading}, single cells"))
    return blocks


def plot_trajectories(result: DataTree, cells: Iterable[Cell] | None = None) -> Figure:
    """States and memristor states over time of single cells, (channel, row, column) counted from 0.

    Without `cells`, about six that tell the most: the largest changes of state and memristor, and a typical
    cell of each kind of trajectory. Raises InputError for a cell that is not in the array.
    """
    return stack(trajectory_blocks(layers_of(result), cells), title_of(result))


def _checked(cells: list[Cell], layer: Layer) -> list[Cell]:
    shape = (layer.channels, layer.rows, layer.columns)
    if not cells:
        raise InputError("cells", cells, "at least one (channel, row, column)")
    for cell in cells:
        if len(cell) != 3 or not all(0 <= place < size for place, size in zip(cell, shape, strict=True)):
            limits = ", ".join(f"0 to {size - 1}" for size in shape)
            raise InputError("cells", cell, f"(channel, row, column) within ({limits}) in layer {layer.name}")
    return [(int(k), int(i), int(j)) for k, i, j in cells]


def _tight_time(axes: Axes, layer: Layer) -> None:
    ends = layer.time[[0, -1]] * layer.time_unit.per_si
    if ends[0] < ends[1]:
        axes.set_xlim(ends[0], ends[1])
    axes.margins(y=0.08)
