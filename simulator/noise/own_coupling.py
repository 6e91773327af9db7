"""The coupling of an array whose cells have feedback weights of their own."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def correlate_own(padded, weights, out):  # type: ignore[no-untyped-def]
    """Add to `out` (channels, rows, columns) what the weights at each cell, (out, in, height, width, rows, columns),
    take from the padded outputs: in the order of sums of `coupling`, so that equal weights give equal bits."""
    outs, ins, height, width, rows, columns = weights.shape
    for o in range(outs):
        for i in range(rows):
            for n in range(ins):
                for k in range(height):
                    for m in range(width):
                        for j in range(columns):
                            out[o, i, j] += weights[o, n, k, m, i, j] * padded[n, i + k, j + m]
