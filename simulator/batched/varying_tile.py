"""The innermost piece of a coupling with weights of each cell: a vector of columns times several outputs and samples.

A vector of weights is loaded once for the samples of the tile, one of inputs once for its output channels; the sums
stay in registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic

cgutils: Any = _cgutils  # which has no types


def correlate_columns(outputs: int, samples: int, lanes: int) -> Any:
    """`f(y, room, rooms, first, start, w, wo, between, step, sums, channels, height, width, plane, line)` for compiled
    code: for output channels o, samples t and columns j < lanes,

    sums[(o samples + t) lanes + j] = sum over c, k, l of w[wo + o between + ((c height + k) width + l) step + j]
        times y[rooms[first + t] room + start + c plane + k line + l + j]

    y, w and sums are flat. Every sum is taken in this order: it has the same bits in any tile.
    """

    @intrinsic
    def correlate(
        typing_context: Any, y: Any, room: Any, rooms: Any, first: Any, start: Any, w: Any, wo: Any, between: Any,
        step: Any, sums: Any, channels: Any, height: Any, width: Any, plane: Any, line: Any,
    ) -> Any:  # fmt: skip
        n = types.intp
        signature = types.void(y, n, rooms, n, n, w, n, n, n, sums, n, n, n, n, n)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _generate(outputs, samples, lanes, context, builder, signature, arguments)
            return context.get_dummy_value()

        return signature, generate

    return correlate


def _generate(
    outputs: int, samples: int, lanes: int, context: Any, builder: Any, signature: Any, arguments: Any
) -> None:
    scalar = context.get_data_type(signature.args[0].dtype)
    size = 4 if signature.args[0].dtype == types.float32 else 8
    vector, whole = ir.VectorType(scalar, lanes), ir.IntType(64)
    arrays = (context.make_array(signature.args[k])(context, builder, arguments[k]) for k in (0, 2, 5, 9))
    y, rooms, w, out = (array.data for array in arrays)
    room, first, start, wo, between, step = (arguments[k] for k in (1, 3, 4, 6, 7, 8))
    channels, height, width, plane, line = arguments[10:]
    name = f"llvm.fmuladd.v{lanes}f{8 * size}"
    fma = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)

    def read(pointer: Any) -> Any:
        return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=size)

    tile = [(o, t) for o in range(outputs) for t in range(samples)]
    sums = {place: cgutils.alloca_once(builder, vector) for place in tile}  # which the compiler makes registers
    for place in tile:
        builder.store(ir.Constant(vector, None), sums[place])
    bases = []
    for t in range(samples):
        place = builder.load(builder.gep(rooms, [builder.add(first, whole(t))]))
        bases.append(builder.gep(y, [builder.add(builder.mul(place, room), start)]))
    begins = [builder.gep(w, [builder.add(wo, builder.mul(between, whole(o)))]) for o in range(outputs)]
    tap = cgutils.alloca_once_value(builder, whole(0))
    with cgutils.for_range(builder, channels) as c, cgutils.for_range(builder, height) as k:
        row = builder.add(builder.mul(c.index, plane), builder.mul(k.index, line))
        with cgutils.for_range(builder, width) as m:
            offset, here = builder.add(row, m.index), builder.load(tap)
            weights = [read(builder.gep(begin, [here])) for begin in begins]
            builder.store(builder.add(here, step), tap)
            for t in range(samples):
                value = read(builder.gep(bases[t], [offset]))
                for o in range(outputs):
                    builder.store(builder.call(fma, [weights[o], value, builder.load(sums[o, t])]), sums[o, t])
    for n, place in enumerate(tile):
        target = builder.bitcast(builder.gep(out, [whole(n * lanes)]), vector.as_pointer())
        builder.store(builder.load(sums[place]), target, align=size)
