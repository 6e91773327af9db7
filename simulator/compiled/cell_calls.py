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


# numba gives intrinsics the signature they have at compile time
call_block: Any = _call
