"""An array settling, as a GIF."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from PIL import Image

from ..devices.errors import InputError
from ..devices.files import replacing
from .files import check_suffix
from .result import layers_of, title_of, voltage_unit_of
from .scene import Scene, scene_size
from .style import LINES, SEQUENTIAL, SIGNED

if TYPE_CHECKING:
    from xarray import DataTree

_FRAMES_PER_SECOND = 25
_LAST_FRAME_MS = 1200
_DPI = 96.0
_LARGEST_SECONDS = 120.0


def animate(result: DataTree, path: str | Path, layer: str | None = None, seconds: float = 4) -> None:
    """Write a GIF of the output and memristor maps while the array settles, above a few cells' states.

    `layer` names the layer to show; without it the layers follow one another. `seconds` is how long each
    layer plays; of more saved times than 25 a second, evenly spaced ones are shown. Raises InputError
    when the name does not end in .gif or the file cannot be written.
    """
    check_suffix(None, path)
    if not 0 < seconds <= _LARGEST_SECONDS:
        raise InputError("seconds", seconds, f"more than 0 and at most {_LARGEST_SECONDS:g} seconds")
    layers = layers_of(result, layer)
    all_names = list(result.children)
    headings = [f"layer {all_names.index(it.name) + 1}: {it.name}" if len(all_names) > 1 else it.name for it in layers]
    volts = voltage_unit_of(layers)
    sizes = [scene_size(it) for it in layers]
    size = (max(width for width, _ in sizes), max(height for _, height in sizes))
    with replacing(path) as temporary:
        frames: list[Image.Image] = []
        durations: list[int] = []
        palette = _palette()
        for it, heading in zip(layers, headings, strict=True):
            scene = Scene(it, volts, heading, title_of(result), size, _DPI)
            times = frame_times(len(it.time), seconds)
            frames += [_quantized(scene.picture(index), palette) for index in times]
            shown = max(20, round(100 * seconds / len(times)) * 10)  # GIF counts in 10 ms; viewers slow below 20
            durations += [shown] * (len(times) - 1) + [_LAST_FRAME_MS]
        frames[0].save(
            temporary, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, disposal=1
        )


def frame_times(saved: int, seconds: float) -> list[int]:
    """Indices of the saved times that become frames: all, or 25 a second evenly spaced, ends included."""
    count = min(saved, max(2, int(_FRAMES_PER_SECOND * seconds) + 1))
    return [int(index) for index in np.linspace(0, saved - 1, count).round()]


def _palette() -> Image.Image:
    """256 colours, the same for every frame: the colour maps, greys, and the lines' colours fading to white."""
    signed = SIGNED(np.linspace(0, 1, 117))[:, :3]
    sequential = colormaps[SEQUENTIAL](np.linspace(0, 1, 75))[:, :3]
    greys = np.repeat(np.linspace(1, 0, 36)[:, None], 3, axis=1)
    lines = np.array([to_rgb(colour) for colour in LINES])
    faded = np.concatenate([1 - share * (1 - lines) for share in (1.0, 0.75, 0.5, 0.25)])
    colours = np.concatenate([greys, signed, sequential, faded])
    image = Image.new("P", (1, 1))
    image.putpalette((colours * 255).round().astype(np.uint8).ravel().tolist())
    return image


def _quantized(picture: Image.Image, palette: Image.Image) -> Image.Image:
    indices = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    white = Image.fromarray(np.all(np.asarray(picture) == 255, axis=-1))
    indices.paste(0, mask=white)  # the palette's first: quantize may take a near white for the paper's
    return indices
