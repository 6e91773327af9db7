"""Sheets of pictures as PNG files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from ...devices.errors import InputError
from ...devices.files import replacing

SMALLEST = 64
"""Pictures are enlarged by a whole factor to about so many pixels, so that each pixel shows."""
GAP = 2
GREY = 96


def save_sheet(pictures: Tensor, path: Path, columns: int | None = None) -> None:
    """Write pictures (n, channels, rows, columns) in [-1, 1] as one PNG, -1 black and +1 white, in reading order.

    One channel is grey, three are colours; of other numbers the first is drawn. Raises InputError for a name that does
    not end in .png, and when the file cannot be written.
    """
    check_sheet_name(path)
    n, channels, rows, width = pictures.shape
    values = np.rint((pictures.float().clamp(-1, 1).numpy() + 1) * 127.5).astype(np.uint8)
    values = values if channels == 3 else np.repeat(values[:, :1], 3, axis=1)
    scale = max(1, round(SMALLEST / max(rows, width)))
    values = values.repeat(scale, axis=2).repeat(scale, axis=3)
    across = columns or math.ceil(math.sqrt(n))
    down = math.ceil(n / across)
    high, wide = rows * scale + GAP, width * scale + GAP
    sheet = np.full((down * high + GAP, across * wide + GAP, 3), GREY, dtype=np.uint8)
    for k, picture in enumerate(values):
        top, left = k // across * high + GAP, k % across * wide + GAP
        sheet[top : top + rows * scale, left : left + width * scale] = picture.transpose(1, 2, 0)
    with replacing(path) as temporary:
        Image.fromarray(sheet).save(temporary, format="PNG")


def check_sheet_name(path: Path) -> None:
    """InputError unless the name ends in .png: asked before long work, not after."""
    if path.suffix.lower() != ".png":
        raise InputError("", str(path), "a file name that ends in .png")
