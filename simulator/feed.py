"""What inputs drive into cells that have weights of their own: a weight from memory serves all samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def own_feed(padded: Array, weights: Array, threads: int = 1) -> Array:
    """sum B u of every cell, (samples, out, rows, columns).

    padded (samples, in, rows + kernel rows - 1, columns + kernel columns - 1) are the inputs with what lies beyond the
    edge, weights (chips, out, in, kernel rows, kernel columns, rows, columns): one chip for all samples, or one for
    each. The result does not depend on the threads.
    """
    channels, rows, columns = weights.shape[1], *weights.shape[-2:]
    out = np.empty((len(padded), channels, rows, columns), padded.dtype)
    if threads == 1 or channels == 1:
        _rows(padded, weights, out, 0, channels)
        return out
    ends = [channels * part // threads for part in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        parts = [pool.submit(_rows, padded, weights, out, a, b) for a, b in zip(ends, ends[1:], strict=False)]
        for part in parts:
            part.result()
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _rows(padded, weights, out, first, last):  # type: ignore[no-untyped-def]
    chips, _, into, height, width, rows, columns = weights.shape
    samples = len(padded)
    sums = np.empty((samples, columns), padded.dtype)
    for o in range(first, last):
        for i in range(rows):
            sums[:] = 0.0
            for c in range(into):
                for k in range(height):
                    for m in range(width):
                        for n in range(samples):
                            w = weights[n % chips, o, c, k, m, i]
                            u = padded[n, c, i + k, m : m + columns]
                            total = sums[n]
                            for j in range(np.uint64(columns)):
                                total[j] += w[j] * u[j]
            for n in range(samples):
                out[n, o, i] = sums[n]
