"""Memory that comes back: what a forward pass keeps for its backward pass, used again by the next one.

Fresh memory costs a page fault for every 4 KiB, which takes longer than writing to it: a training step that asks the
system for its tensors anew spends most of its time there.
"""

from __future__ import annotations

import threading
import weakref

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST_IDLE = 2**31
"""Bytes that wait for their next use at most; beyond, those that have waited longest are let go."""

_lock = threading.Lock()
_idle: list[NDArray[np.uint8]] = []


def borrowed(size: int) -> Tensor:
    """`size` bytes, uninitialised, which go back to the store when no tensor uses them any more."""
    with _lock:
        fitting = [n for n, block in enumerate(_idle) if block.size == size]
        # torch's memory begins at a cache line, which vector instructions thank for
        block = _idle.pop(fitting[-1]) if fitting else torch.empty(size, dtype=torch.uint8).numpy()
    lent = block[:]  # dies with the tensor's storage; the block itself stays
    weakref.finalize(lent, _give_back, block).atexit = False
    return torch.from_numpy(lent)


def _give_back(block: NDArray[np.uint8]) -> None:
    with _lock:
        _idle.append(block)
        while sum(one.size for one in _idle) > MOST_IDLE:
            _idle.pop(0)


def borrowed_like(values: Tensor) -> Tensor:
    """An uninitialised tensor of the same shape and type."""
    return borrowed(values.numel() * values.itemsize).view(values.dtype).view(values.shape)


class Shelf:
    """Tensors laid out one after the other in borrowed memory; asked for in the same order, they are found again."""

    def __init__(self, memory: Tensor) -> None:
        self.memory = memory
        self._used = 0

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """An uninitialised tensor."""
        length = int(np.prod(shape)) * dtype.itemsize
        part = self.memory[self._used : self._used + length]
        self._used += padded_size(length)
        return part.view(dtype).view(shape)


def padded_size(length: int) -> int:
    """What so many bytes take up: whole cache lines."""
    return -(-length // 64) * 64
