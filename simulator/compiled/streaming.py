"""Stores that go past the caches, to memory: for trajectories that are longer than a cache.

An ordinary store first fetches the cache line that it changes, and drives out another. A trajectory is written once,
line after line, and not read before the run ends: without that fetch, memory takes it three times as fast. Threads see
what others have left in this way from their next meeting on: atomic operations wait for these stores, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

LONG = 1 << 20
"""Bytes from which on trajectories go past the caches; shorter ones stay at hand for whoever reads them next."""


@intrinsic
def _stream(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] = value, marked as not soon read. Processors without such stores make an ordinary one."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = cgutils.get_item_pointer(context, builder, signature.args[0], array, [arguments[1]], wraparound=False)  # type: ignore[no-untyped-call]
        store = builder.store(arguments[2], place)
        store.set_metadata("nontemporal", builder.module.add_metadata([ir.IntType(32)(1)]))
        return context.get_dummy_value()

    return types.void(array, types.uint64, array.dtype), generate


# numba gives intrinsics the signature they have at compile time
stream: Any = _stream


@njit(error_model="numpy")
def leave(source, start, target, place, cells, past):  # type: ignore[no-untyped-def]
    """target[place : place + cells] = source[start : start + cells], past the caches or not."""
    start, place, cells = np.uint64(start), np.uint64(place), np.uint64(cells)
    if past:
        for j in range(cells):
            stream(target, place + j, source[start + j])
    else:
        for j in range(cells):
            target[place + j] = source[start + j]


@njit(error_model="numpy")
def leave_within(source, start, target, place, cells, low, high, past):  # type: ignore[no-untyped-def]
    """As `leave`, with the values held to [low, high]."""
    start, place, cells = np.uint64(start), np.uint64(place), np.uint64(cells)
    if past:
        for j in range(cells):
            stream(target, place + j, min(max(source[start + j], low), high))
    else:
        for j in range(cells):
            target[place + j] = min(max(source[start + j], low), high)
