"""One layer's frame of an animation: drawn once, then only what moves is drawn again."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from PIL import Image

from .maps import quantities_of
from .panels import draw_map, label_map, panel_size
from .result import Layer
from .sheet import Area
from .style import GREY, LARGE, NORMAL, TITLE, Unit, colour_bar
from .telling import telling_cells
from .trajectories import draw_states

_CHANNELS = 4
# inches
_TOP, _TITLES, _FOOT, _PLOT = 0.64, 0.22, 0.48, 1.1
_LABELS, _GAP, _BAR_GAP, _BAR, _BAR_LABELS = 0.6, 0.12, 0.08, 0.1, 0.6


def scene_size(layer: Layer) -> tuple[float, float]:
    """Width and height [inches] a layer's frame needs."""
    width, height = _panel(layer)
    columns, rows = _grid(layer)
    used = columns * (width + _GAP) - _GAP + _LABELS
    bars = _BAR_GAP + _BAR + _BAR_LABELS
    if layer.channels == 1:  # each quantity beside the other, with a colour bar of its own
        used = columns * (_LABELS + width + bars)
        bars = 0.0
    maps = rows * (height + _GAP) - _GAP
    return max(used + bars, 4.6), _TOP + _TITLES + maps + _FOOT + _PLOT + _FOOT


class Scene:
    """The frame of one layer; `picture(index)` is it at a saved time."""

    def __init__(
        self, layer: Layer, volts: Unit, heading: str, title: str, size: tuple[float, float], dpi: float
    ) -> None:
        self.layer = layer
        self.figure = Figure(figsize=_even(size, dpi), dpi=dpi, facecolor="white")
        self.canvas = cast(Any, FigureCanvasAgg(self.figure))  # its methods have no annotations
        self.images: list[tuple[AxesImage, NDArray[Any]]] = []
        area = Area(self.figure, 0, 0, *size)
        if title:
            fits = 0.11 * len(title) * (LARGE + 1) / TITLE
            area.text(
                size[0] / 2, 0.1, title, fontsize=(LARGE + 1) * min(1, size[0] / fits), weight="bold", ha="center"
            )
        area.text(0.15, 0.42, _caption(heading, layer), fontsize=LARGE, color=GREY)
        self.clock = self.figure.text(
            1 - 0.15 / size[0], 1 - 0.42 / size[1], "", fontsize=LARGE, ha="right", va="top", animated=True
        )
        self._draw_maps(area, volts, (size[0] - scene_size(layer)[0]) / 2)
        plot = area.axes(_LABELS, size[1] - _FOOT - _PLOT, size[0] - _LABELS - 0.2, _PLOT)
        self.lines = draw_states(plot, layer, telling_cells(layer), volts)
        self.now = plot.axvline(0.0, color="#444444", linewidth=1.0, animated=True)
        self.dots = [
            plot.plot([], [], "o", color=line.get_color(), ms=3.5, clip_on=False, animated=True)[0]
            for line in self.lines
        ]
        self.canvas.draw()
        self.still = self.canvas.copy_from_bbox(self.figure.bbox)

    def picture(self, index: int) -> Image.Image:
        """The frame at a saved time."""
        unit = self.layer.time_unit
        time = self.layer.time[index] * unit.per_si
        moving: list[Artist] = [self.clock, self.now, *self.dots]
        # fixed decimals: digits that change width would jump
        decimals = max(0, 2 - len(str(int(abs(self.layer.time[-1] * unit.per_si)))) + 1)
        self.clock.set_text(f"t = {time:.{decimals}f} {unit.label}")
        self.now.set_xdata([time, time])
        for dot, line in zip(self.dots, self.lines, strict=True):
            dot.set_data([time], [np.asarray(line.get_ydata())[index]])
        self.canvas.restore_region(self.still)
        for image, values in self.images:
            image.set_data(values[index])
            image.axes.draw_artist(image)
            for spine in image.axes.spines.values():
                image.axes.draw_artist(spine)
        for artist in moving:
            self.figure.draw_artist(artist)
        return Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")

    def _draw_maps(self, area: Area, volts: Unit, left: float) -> None:
        width, height = _panel(self.layer)
        shown = min(self.layer.channels, _CHANNELS)
        x, y = left + _LABELS, _TOP + _TITLES
        quantities = quantities_of(self.layer, volts, shown, states=False)
        for quantity in quantities:
            bottom = self.layer.channels == 1 or quantity is quantities[-1]
            for k in range(shown):
                axes = area.axes(x + k * (width + _GAP), y, width, height)
                image = draw_map(axes, quantity.values[0, k], quantity.cmap, quantity.limits)
                image.set_animated(True)
                self.images.append((image, quantity.values[:, k]))
                label_map(axes, row_label="row" if k == 0 else None, column_label=bottom)
                name = quantity.name if self.layer.channels == 1 else f"{quantity.name}, ch {k}"
                if self.layer.channels == 1 or quantity is quantities[0] or shown == 1:
                    axes.set_title(
                        name if len(quantities) == 1 or shown == 1 else f"channel {k}", fontsize=NORMAL, pad=3
                    )
            right = x + shown * (width + _GAP) - _GAP + _BAR_GAP
            label = f"{quantity.name} [{quantity.unit}]"
            colour_bar(area.axes(right, y, _BAR, height), quantity.cmap, quantity.limits, label)
            if self.layer.channels == 1:
                x = right + _BAR + _BAR_LABELS + _LABELS
            else:
                y += height + _GAP


def _panel(layer: Layer) -> tuple[float, float]:
    return panel_size(layer.rows, layer.columns, 2.0 if layer.channels == 1 else 1.4)


def _grid(layer: Layer) -> tuple[int, int]:
    """Columns and rows of maps."""
    quantities = 1 if layer.memristor is None else 2
    return (quantities, 1) if layer.channels == 1 else (min(layer.channels, _CHANNELS), quantities)


def _caption(heading: str, layer: Layer) -> str:
    hidden = layer.channels - _CHANNELS
    return f"{heading}, {_CHANNELS} of {layer.channels} channels" if hidden > 0 else heading


def _even(size: tuple[float, float], dpi: float) -> tuple[float, float]:
    """The size in whole, even pixels."""
    width, height = (2 * round(length * dpi / 2) / dpi for length in size)
    return width, height
