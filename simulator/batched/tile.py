"""The innermost piece of a convolution: a tile of pixels times a block of output channels, held in vector registers.

A compiler does not find this form by itself, so its instructions are written down: for every tap and input channel, one
load of the weights of all output channels of the block serves every pixel of the tile (K. Goto, R. van de Geijn, ACM
Trans. Math. Software 34(3), 12 (2008), is the matrix product's form of it).
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic

cgutils: Any = _cgutils  # which has no types


@dataclass(frozen=True)
class Tile:
    """`pixels` of a row by `vectors` of `lanes` output channels."""

    pixels: int
    vectors: int
    lanes: int

    @property
    def block(self) -> int:
        """Output channels."""
        return self.vectors * self.lanes

    @classmethod
    def fitting(cls, channels: int, columns: int, size: int) -> Tile:
        """The tile for so many output channels and columns of numbers of `size` bytes: no register is spilled, few
        lanes and few pixels are idle."""
        width, registers = vector_registers()
        lanes = width // size
        while lanes > 1 and lanes // 2 >= channels:
            lanes //= 2
        vectors = next(v for v in (2, 3, 1) if -(-channels // lanes) % v == 0)
        most = min(columns, 14, (registers - 1 - vectors) // vectors)
        # a turn of the loop costs the multiply-adds and the loads of the weights
        pixels = min(range(most, 0, -1), key=lambda p: -(-columns // p) * (p * vectors + 2))
        return cls(pixels, vectors, lanes)


@cache
def vector_registers() -> tuple[int, int]:
    """(bytes of a vector register, number of them)."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 64, 32
    if features.get("avx"):
        return 32, 16
    return 16, 16 if platform.machine() in ("x86_64", "AMD64") else 32


def correlate_tile(tile: Tile) -> Any:
    """`f(x, xo, w, wo, out, oo, height, width, channels, line, step)` for compiled code, all arrays flat:

    out[oo + t step + b] = sum over k, l, c of x[xo + k line + (t + l) channels + c] w[wo + ...], for pixels t and
    output channels b of the block; weights lie in the order (k, l, c, b).
    """

    @intrinsic
    def correlate(
        typing_context: Any, x: Any, xo: Any, w: Any, wo: Any, out: Any, oo: Any, height: Any, width: Any,
        channels: Any, line: Any, step: Any,
    ) -> Any:  # fmt: skip
        count = types.intp
        signature = types.void(x, count, w, count, out, count, count, count, count, count, count)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _generate(tile, context, builder, signature, arguments)
            return context.get_dummy_value()

        return signature, generate

    return correlate


def _generate(tile: Tile, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
    scalar = context.get_data_type(signature.args[0].dtype)
    size = 4 if signature.args[0].dtype == types.float32 else 8
    vector, whole, short = ir.VectorType(scalar, tile.lanes), ir.IntType(64), ir.IntType(32)
    x, w, out = (context.make_array(signature.args[k])(context, builder, arguments[k]).data for k in (0, 2, 4))
    xo, wo, oo = arguments[1], arguments[3], arguments[5]
    height, width, channels, line, step = arguments[6:]
    name = f"llvm.fmuladd.v{tile.lanes}f{8 * size}"
    fma = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)
    places = [(t, v) for t in range(tile.pixels) for v in range(tile.vectors)]
    sums = {place: cgutils.alloca_once(builder, vector) for place in places}  # which the compiler makes registers
    for place in places:
        builder.store(ir.Constant(vector, None), sums[place])
    weight = cgutils.alloca_once_value(builder, builder.gep(w, [wo]))
    everywhere = ir.Constant(ir.VectorType(short, tile.lanes), [0] * tile.lanes)
    nothing = ir.Constant(vector, ir.Undefined)

    def at(pointer: Any, offset: Any) -> Any:
        return builder.bitcast(builder.gep(pointer, [offset]), vector.as_pointer())

    with cgutils.for_range(builder, height) as k:
        row = builder.gep(x, [builder.add(xo, builder.mul(k.index, line))])
        with cgutils.for_range(builder, width) as m:
            pixel = builder.gep(row, [builder.mul(m.index, channels)])
            with cgutils.for_range(builder, channels) as c:
                here = builder.load(weight)
                ws = [builder.load(at(here, whole(v * tile.lanes)), align=size) for v in range(tile.vectors)]
                builder.store(builder.gep(here, [whole(tile.block)]), weight)
                for t in range(tile.pixels):
                    value = builder.load(builder.gep(pixel, [builder.add(c.index, builder.mul(channels, whole(t)))]))
                    value = builder.insert_element(nothing, value, short(0))
                    value = builder.shuffle_vector(value, nothing, everywhere)
                    for v in range(tile.vectors):
                        total = builder.call(fma, [value, ws[v], builder.load(sums[t, v])])
                        builder.store(total, sums[t, v])
    for t, v in places:
        offset = builder.add(oo, builder.add(builder.mul(step, whole(t)), whole(v * tile.lanes)))
        builder.store(builder.load(sums[t, v]), at(out, offset), align=size)
