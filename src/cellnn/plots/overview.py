"""A whole result on one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .maps import map_blocks
from .result import layers_of, title_of
from .sheet import Block, stack
from .trajectories import trajectory_blocks

if TYPE_CHECKING:
    from xarray import DataTree

_CHANNELS = 3  # more maps than this make the sheet too long to take in


def plot_result(result: DataTree) -> Figure:
    """The sheet `cellnn simulate --plot` writes: the maps of every layer, below them single cells over time."""
    layers = layers_of(result)
    blocks: list[Block] = [*map_blocks(layers, channels=_CHANNELS), *trajectory_blocks(layers)]
    return stack(blocks, title_of(result))
