"""Maps of every layer - input, states, outputs, memristor states - at telling times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..devices.errors import InputError
from .panels import draw_map, label_map, panel_size
from .result import Layer, layers_of, title_of, voltage_unit_of
from .sheet import Area, stack
from .style import GREY, LARGE, NORMAL, SEQUENTIAL, SIGNED, Unit, colour_bar, fraction_limits, signed_limits
from .telling import nearest_times, telling_times

if TYPE_CHECKING:
    from xarray import DataTree

# inches
_HEADING, _TITLES, _FOOT = 0.28, 0.2, 0.5
_LABELS, _GAP, _BAR_GAP, _BAR, _BAR_LABELS = 0.62, 0.13, 0.1, 0.11, 0.62


@dataclass(frozen=True)
class Quantity:
    """What a group of maps shows: values (time, channel, row, column) in the unit of its colour bar."""

    name: str
    unit: str
    values: NDArray[Any]
    cmap: Any
    limits: Normalize


def quantities_of(layer: Layer, volts: Unit, channels: int, *, states: bool = True) -> list[Quantity]:
    """State, output and, where there is one, memristor state of a layer's first channels."""
    output = layer.output[:, :channels] * volts.per_si
    unit_output = layer.voltage_unit * volts.per_si
    found = [Quantity("output", volts.label, output, SIGNED, signed_limits(output, at_least=unit_output))]
    if states:
        state = layer.state[:, :channels] * volts.per_si
        found.insert(0, Quantity("state", volts.label, state, SIGNED, signed_limits(state)))
    if layer.memristor is not None:
        memristor = layer.memristor[:, :channels]
        found.append(Quantity("memristor", "1", memristor, SEQUENTIAL, fraction_limits(memristor)))
    return found


@dataclass(frozen=True)
class MapBlock:
    """The maps of one layer: a column per time, a row per quantity and channel, the input on the left."""

    layer: Layer
    volts: Unit
    at: list[int]
    channels: int
    heading: str

    @property
    def shown(self) -> int:
        """How many channels are shown."""
        return min(self.channels, self.layer.channels)

    @property
    def panel(self) -> tuple[float, float]:
        """Width and height of a map."""
        return panel_size(self.layer.rows, self.layer.columns, 1.55 if self.shown == 1 else 1.25)

    @property
    def map_rows(self) -> int:
        """How many rows of maps."""
        return self.shown * (2 if self.layer.memristor is None else 3)

    @property
    def width(self) -> float:
        """The width it needs."""
        inputs = 0.0 if self.layer.input is None else _LABELS + self.panel[0]
        times = len(self.at) * (self.panel[0] + _GAP) - _GAP
        return inputs + _LABELS + times + _BAR_GAP + _BAR + _BAR_LABELS

    @property
    def height(self) -> float:
        """Its height."""
        return _HEADING + _TITLES + self.map_rows * (self.panel[1] + _GAP) - _GAP + _FOOT

    def draw(self, area: Area) -> None:
        """Draw into the middle of the area."""
        left = (area.width - self.width) / 2
        area.text(left + 0.1, 0.06, self._title(), fontsize=LARGE, weight="bold")
        if self.layer.input is not None:
            self._draw_inputs(area, left, self.layer.input * self.volts.per_si)
            left += _LABELS + self.panel[0]
        self._draw_times(area, left + _LABELS)

    def _title(self) -> str:
        hidden = self.layer.channels - self.shown
        if not hidden:
            return self.heading
        return f"{self.heading}: {_first(self.shown)} of {self.layer.channels} ({hidden} not shown)"

    def _draw_inputs(self, area: Area, left: float, values: NDArray[Any]) -> None:
        width, height = self.panel
        limits = signed_limits(values, at_least=self.layer.voltage_unit * self.volts.per_si)
        shown = min(len(values), self.map_rows - 1, max(self.shown, 1))
        x, y = left + _LABELS, _HEADING + _TITLES
        for k in range(shown):
            axes = area.axes(x, y, width, height)
            draw_map(axes, values[k], SIGNED, limits)
            label_map(axes, row_label=_row_label("input", k, len(values)), column_label=k == shown - 1)
            if k == 0:
                axes.set_title("input", fontsize=NORMAL, pad=3)
            y += height + _GAP
        bar = area.axes(x + 0.08 * width, y + 0.42 - _GAP, 0.84 * width, _BAR)
        colour_bar(bar, SIGNED, limits, f"input [{self.volts.label}]", horizontal=True)
        if shown < len(values):
            text = f"{_first(shown)}\nof {len(values)} inputs"
            area.text(x, y + 1.0 - _GAP, text, fontsize=NORMAL, color=GREY)

    def _draw_times(self, area: Area, left: float) -> None:
        width, height = self.panel
        y = _HEADING + _TITLES
        for quantity in quantities_of(self.layer, self.volts, self.shown):
            group = self.shown * (height + _GAP) - _GAP
            for k in range(self.shown):
                for column, time in enumerate(self.at):
                    axes = area.axes(left + column * (width + _GAP), y, width, height)
                    draw_map(axes, quantity.values[time, k], quantity.cmap, quantity.limits)
                    last_row = quantity.name == self._last_quantity and k == self.shown - 1
                    row_label = _row_label(quantity.name, k, self.layer.channels) if column == 0 else None
                    label_map(axes, row_label=row_label, column_label=last_row)
                    if quantity.name == "state" and k == 0:
                        stamp = self.layer.time_unit.text(self.layer.time[time])
                        axes.set_title(f"t = {stamp}", fontsize=NORMAL, pad=3)
                y += height + _GAP
            right = left + len(self.at) * (width + _GAP) - _GAP + _BAR_GAP
            length = min(group, 2.6)
            cax = area.axes(right, y - _GAP - group + (group - length) / 2, _BAR, length)
            colour_bar(cax, quantity.cmap, quantity.limits, f"{quantity.name} [{quantity.unit}]")

    @property
    def _last_quantity(self) -> str:
        return "output" if self.layer.memristor is None else "memristor"


def map_blocks(layers: list[Layer], times: Iterable[float] | None = None, channels: int = 4) -> list[MapBlock]:
    """A block for each layer."""
    wanted = None if times is None else [float(time) for time in times]
    if wanted is not None and not wanted:
        raise InputError("times", times, "at least one time in seconds")
    volts = voltage_unit_of(layers)
    blocks = []
    for number, layer in enumerate(layers, start=1):
        at = telling_times(layer) if wanted is None else nearest_times(layer, wanted)
        heading = f"layer {number}: {layer.name}" if len(layers) > 1 else layer.name
        blocks.append(MapBlock(layer, volts, at, channels, heading))
    return blocks


def plot_maps(result: DataTree, times: Iterable[float] | None = None, channels: int = 4) -> Figure:
    """Input, state, output and memristor maps of every layer.

    `times` [s] picks the saved times nearest to them; without it: the start, the end, and two between that
    cut the change into three equal parts. At most `channels` channels are shown; the heading says how many
    are not.
    """
    return stack(map_blocks(layers_of(result), times, channels), title_of(result))


def _row_label(name: str, channel: int, channels: int) -> str:
    return f"{name}\nrow" if channels == 1 else f"{name}, ch {channel}\nrow"


def _first(count: int) -> str:
    return "channel 0" if count == 1 else f"channels 0 to {count - 1}"
