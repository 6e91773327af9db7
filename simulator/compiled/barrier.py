"""A barrier between the threads of one run, for compiled code: they meet twice a step, every few microseconds."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

PATIENCE = 2000
"""Turns of waiting before a thread lets others have its core."""


@intrinsic
def _add(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to array[index] in one go, and return what it was before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.atomic_rmw("add", place, arguments[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), generate


@intrinsic
def _load(typing_context: Any, array: Any, index: Any) -> Any:
    """array[index] as other threads last left it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature, arguments), "seq_cst", 8)

    return types.int64(array, types.intp), generate


@intrinsic
def _yield(typing_context: Any) -> Any:
    """Let another thread run on this core (POSIX sched_yield, which is in every process)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        function = cgutils.get_or_insert_function(builder.module, kind, "sched_yield")  # type: ignore[no-untyped-call]
        return builder.sext(builder.call(function, []), ir.IntType(64))

    return types.int64(), generate


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [arguments[1]], wraparound=False)  # type: ignore[no-untyped-call]


# numba gives intrinsics the signature they have at compile time
atomic_add: Any = _add
atomic_load: Any = _load
yield_core: Any = _yield


@njit
def meet(sync, threads):  # type: ignore[no-untyped-def]
    """Wait until all threads are here. `sync` is an int64 array of 16 zeros that they share: arrivals at 0, the number
    of meetings at 8, on another cache line."""
    if threads == 1:
        return
    meeting = atomic_load(sync, 8)
    if atomic_add(sync, 0, 1) == threads - 1:
        atomic_add(sync, 0, -threads)
        atomic_add(sync, 8, 1)
        return
    turns = 0
    while atomic_load(sync, 8) == meeting:
        turns += 1
        if turns > PATIENCE:
            yield_core()
