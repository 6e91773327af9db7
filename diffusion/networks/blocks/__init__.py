"""The blocks a denoiser can be made of, by name."""

from __future__ import annotations

from .block import Block, BlockMaker
from .conv import conv_blocks

BLOCKS: dict[str, BlockMaker] = {"conv": conv_blocks}

__all__ = ["BLOCKS", "Block", "BlockMaker"]
