"""The innermost piece of a coupling with weights of each cell: a vector of columns times several samples.

A vector of weights is loaded once and serves the same columns of every sample of the tile; the sums stay in registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic

cgutils: Any = _cgutils  # which has no types


def correlate_columns(samples: int, lanes: int) -> Any:
    """`f(y, room, rooms, first, start, w, wo, sums, channels, height, width, line, wide)` for compiled code:

    sums[t lanes + j] = sum over c, k, l of w[wo + ...] y[rooms[first + t] room + start + k line + c wide + l + j], for
    samples t and columns j < lanes; y, w and sums are flat, weights lie in the order (c, k, l, j).
    """

    @intrinsic
    def correlate(
        typing_context: Any, y: Any, room: Any, rooms: Any, first: Any, start: Any, w: Any, wo: Any, sums: Any,
        channels: Any, height: Any, width: Any, line: Any, wide: Any,
    ) -> Any:  # fmt: skip
        n = types.intp
        signature = types.void(y, n, rooms, n, n, w, n, sums, n, n, n, n, n)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _generate(samples, lanes, context, builder, signature, arguments)
            return context.get_dummy_value()

        return signature, generate

    return correlate


def _generate(samples: int, lanes: int, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
    scalar = context.get_data_type(signature.args[0].dtype)
    size = 4 if signature.args[0].dtype == types.float32 else 8
    vector, whole = ir.VectorType(scalar, lanes), ir.IntType(64)
    arrays = {k: context.make_array(signature.args[k])(context, builder, arguments[k]) for k in (0, 2, 5, 7)}
    y, rooms, w, out = (array.data for array in arrays.values())
    room, first, start, wo = (arguments[k] for k in (1, 3, 4, 6))
    channels, height, width, line, wide = arguments[8:]
    name = f"llvm.fmuladd.v{lanes}f{8 * size}"
    fma = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)

    def at(pointer: Any, offset: Any) -> Any:
        return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())

    sums = [cgutils.alloca_once(builder, vector) for _ in range(samples)]  # which the compiler makes registers
    bases = []
    for t in range(samples):
        builder.store(ir.Constant(vector, None), sums[t])
        place = builder.load(builder.gep(rooms, [builder.add(first, whole(t))]))
        bases.append(builder.gep(y, [builder.add(builder.mul(place, room), start)]))
    weight = cgutils.alloca_once_value(builder, builder.gep(w, [wo]))
    with cgutils.for_range(builder, channels) as c, cgutils.for_range(builder, height) as k:
        row = builder.add(builder.mul(c.index, wide), builder.mul(k.index, line))
        with cgutils.for_range(builder, width) as m:
            offset = builder.add(row, m.index)
            here = builder.load(weight)
            value = builder.load(builder.bitcast(here, vector.as_pointer()), align=size)
            builder.store(builder.gep(here, [whole(lanes)]), weight)
            for t in range(samples):
                output = builder.load(at(bases[t], offset), align=size)
                builder.store(builder.call(fma, [value, output, builder.load(sums[t])]), sums[t])
    for t in range(samples):
        builder.store(builder.load(sums[t]), at(out, whole(t * lanes)), align=size)
