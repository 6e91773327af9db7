"""Loads and stores of a loop that never meet.

A loop over one flat workspace that reads sixteen places and writes three is only vectorised behind a check of each
pair for overlap, or not at all where there are too many pairs. `read` and `write` tell the compiler (LLVM's scoped
alias metadata) that within one function no `read` sees what a `write` has written.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def _read(typing_context: Any, array: Any, index: Any) -> Any:
    """array[index], which no `write` of this function changes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        value = builder.load(_place(context, builder, signature, arguments))
        value.set_metadata("alias.scope", _scope(builder.module))
        return value

    return array.dtype(array, types.uint64), generate


@intrinsic
def _write(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] = value, where no `read` of this function looks."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        store = builder.store(arguments[2], _place(context, builder, signature, arguments))
        store.set_metadata("noalias", _scope(builder.module))
        return context.get_dummy_value()

    return types.void(array, types.uint64, array.dtype), generate


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [arguments[1]], wraparound=False)  # type: ignore[no-untyped-call]


def _scope(module: Any) -> Any:
    """The scope of all reads, as LLVM wants it: a list of one scope in one domain."""
    domain = module.add_metadata([ir.MetaDataString(module, "cellnn")])
    return module.add_metadata([module.add_metadata([ir.MetaDataString(module, "cellnn reads"), domain])])


# numba gives intrinsics the signature they have at compile time
read: Any = _read
write: Any = _write
