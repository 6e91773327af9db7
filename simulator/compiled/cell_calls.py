"""Calls of a cell circuit's compiled functions, by address.

The engine is compiled once for all cells: what it calls in the inner loop, it calls as C would, through pointers. A
call handles a block of about a thousand cells, so its price does not show; a new circuit only compiles its own
equations.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


class Cell(NamedTuple):
    """Addresses of the functions that `cell_blocks` makes, and the cell's parameters."""

    outputs: int
    rates: int
    jacobian: int
    stage: int
    """0 where there is none."""
    parameters: Any


@intrinsic
def _call(
    typing_context: Any, address: Any, m: Any, states: Any, drive: Any, out: Any, stride: Any, p: Any, cells: Any
) -> Any:  # noqa: E501
    """The function at this address, over `cells` cells of the workspace m; see `cell_blocks`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def data(n: int) -> Any:
            return context.make_array(signature.args[n])(context, builder, arguments[n]).data

        word, workspace, parameters = ir.IntType(64), data(1), data(6)
        kind = ir.FunctionType(
            ir.VoidType(), [workspace.type, word, word, word, word, parameters.type, word]
        )  # fmt: skip
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        builder.call(function, [workspace, *arguments[2:6], parameters, arguments[7]])
        return context.get_dummy_value()

    word = types.uint64
    return types.void(types.int64, m, word, word, word, word, p, word), generate


@intrinsic
def _call_stage(
    typing_context: Any, address: Any, m: Any, places: Any, weights: Any, p: Any, taps: Any, terms: Any, first: Any,
    last: Any, mask: Any, pitch: Any, cells: Any,
) -> Any:  # fmt: skip
    """The whole stage at this address; see `stage_rows`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = [context.make_array(signature.args[n])(context, builder, arguments[n]).data for n in range(1, 6)]
        kind = ir.FunctionType(ir.VoidType(), [*(array.type for array in arrays), *[ir.IntType(64)] * 6])
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), [*arrays, *arguments[6:]])
        return context.get_dummy_value()

    number, word = types.int64, types.uint64
    return types.void(number, m, places, weights, p, taps, number, number, number, number, word, word), generate


# numba gives intrinsics the signature they have at compile time
call_block: Any = _call
call_stage: Any = _call_stage
