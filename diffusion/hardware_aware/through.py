"""Straight through: a value is changed on the way forward, its gradient is not."""

from __future__ import annotations

import torch
from torch import Tensor

from ...devices.variability.converter import Converter


def straight_through(value: Tensor, changed: Tensor) -> Tensor:
    """`changed`, with the gradient of `value`.

    Y. Bengio, N. Leonard, A. Courville, arXiv 1308.3432 (2013).
    """
    return value + (changed - value).detach()


def converted(values: Tensor, converter: Converter | None, largest: float) -> Tensor:
    """What an ideal converter with a range of `full_scale` times `largest` makes of the values; nothing flows back
    from values beyond its range. None: no converter."""
    if converter is None:
        return values
    reach = converter.full_scale * largest
    step = 2.0 * reach / (converter.codes - 1)
    inside = values.clamp(-reach, reach)
    return straight_through(inside, torch.round((inside + reach) / step) * step - reach)
