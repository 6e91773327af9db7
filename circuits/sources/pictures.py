"""Picture files in the CellNN convention: dark = +1, light = -1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ...devices.errors import InputError
from ...devices.files import require_plain_file

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm", ".pnm")


def read_picture(path: Path, colour: bool) -> NDArray[np.float64]:
    """A picture as (1, rows, columns) in grey or (3, rows, columns) in colour, in [-1, 1].

    What is transparent counts as white paper. Raises InputError when the file is missing or no picture.
    """
    try:
        require_plain_file(path)
        with Image.open(path) as picture:
            brightness = _brightness(picture, colour)
    except UnidentifiedImageError:
        raise InputError("", str(path), "a picture file", f"known kinds: {', '.join(SUFFIXES)}") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("", str(path), "a readable picture file", reason) from None
    return 1.0 - 2.0 * brightness


def _brightness(picture: Image.Image, colour: bool) -> NDArray[np.float64]:
    """(channels, rows, columns), 0 black to 1 white."""
    if picture.mode.startswith("I"):  # 16 bits per pixel
        grey = np.asarray(picture, dtype=np.float64) / 65535.0
        if grey.min() < 0 or grey.max() > 1:
            raise ValueError("its pixels do not fit 16 bits")
        return np.repeat(grey[np.newaxis], 3 if colour else 1, axis=0)
    if picture.mode == "F":
        raise ValueError("floating-point pixels have no agreed white: store them as .npy")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        picture = Image.alpha_composite(paper, layer)
    pixels = np.asarray(picture.convert("RGB" if colour else "L"), dtype=np.float64) / 255.0
    return np.moveaxis(pixels, -1, 0) if colour else pixels[np.newaxis]
