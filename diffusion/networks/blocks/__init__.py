"""The blocks a denoiser can be made of, by name."""

from __future__ import annotations

from .block import Block, BlockMaker
from .cells import CellBlock, cell_blocks
from .conv import ConvBlock, conv_blocks
from .second_order import SecondOrderBlock, second_order_blocks

BLOCKS: dict[str, BlockMaker] = {
    "conv": conv_blocks,
    "cellnn": cell_blocks,
    "m-cellnn": cell_blocks,
    "second-order-cellnn": cell_blocks,
    "second-order": second_order_blocks,
}

__all__ = ["BLOCKS", "Block", "BlockMaker", "CellBlock", "ConvBlock", "SecondOrderBlock"]
