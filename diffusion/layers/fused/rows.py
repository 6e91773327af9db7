"""What the generated sweeps are put together from: short loops over a part of one plane.

`work` is one flat array whose rows lie BLOCK numbers apart: as the distances are known when it is compiled, the
compiler sees that no row overlaps another and vectorises loops over any number of them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK = np.uint64(1024)
"""Cells at a time: the rows of a block stay in the nearest cache."""
MOST_SINGLE = 1e30
"""1/s."""
FAST = {"reassoc", "nsz"}
"""Sums may be taken lane by lane: in an order that the code, not the run, decides."""


@njit
def scratch(size, like):  # type: ignore[no-untyped-def]
    """`size` numbers of the type of `like`, from a cache line on."""
    whole = np.empty(size + 64, like)
    skipped = (-whole.ctypes.data % 64) // whole.itemsize
    return whole[skipped : skipped + size]


@njit
def load(work, row, plane, first, count):  # type: ignore[no-untyped-def]
    """Read part of a plane into a row."""
    at = np.uint64(row) * BLOCK
    part = plane[first : first + count]
    for c in range(np.uint64(count)):
        work[at + c] = part[c]


@njit
def store(work, row, plane, first, count):  # type: ignore[no-untyped-def]
    """Write a row to part of a plane."""
    at = np.uint64(row) * BLOCK
    part = plane[first : first + count]
    for c in range(np.uint64(count)):
        part[c] = work[at + c]


@njit
def add(work, row, weight, plane, first, count):  # type: ignore[no-untyped-def]
    """row += weight plane."""
    at, factor = np.uint64(row) * BLOCK, work.dtype.type(weight)
    part = plane[first : first + count]
    for c in range(np.uint64(count)):
        work[at + c] += factor * part[c]


@njit
def add_row(work, row, weight, other, count):  # type: ignore[no-untyped-def]
    """row += weight other row."""
    at, source, factor = np.uint64(row) * BLOCK, np.uint64(other) * BLOCK, work.dtype.type(weight)
    for c in range(np.uint64(count)):
        work[at + c] += factor * work[source + c]


@njit
def scale(work, row, weight, count):  # type: ignore[no-untyped-def]
    """row *= weight."""
    at, factor = np.uint64(row) * BLOCK, work.dtype.type(weight)
    for c in range(np.uint64(count)):
        work[at + c] *= factor


@njit
def multiply(work, row, plane, first, count):  # type: ignore[no-untyped-def]
    """row *= plane."""
    at = np.uint64(row) * BLOCK
    part = plane[first : first + count]
    for c in range(np.uint64(count)):
        work[at + c] *= part[c]


@njit
def confine(work, row, inside, first, count):  # type: ignore[no-untyped-def]
    """Hold a row to [0, 1]; `inside` says where it already was. What is no number stays so."""
    at = np.uint64(row) * BLOCK
    part = inside[first : first + count]
    for c in range(np.uint64(count)):
        z = work[at + c]
        part[c] = np.uint8((z >= 0.0) & (z <= 1.0))
        work[at + c] = min(max(z, 0.0), 1.0) if z == z else z


@njit
def bound(work, row, size, count):  # type: ignore[no-untyped-def]
    """Hold a row of rates to what numbers of `size` bytes can store and sum up.

    A memristor far beyond its threshold has rates of 1e100/s: it is at its end at once, at 1e30/s as well. Two rates
    that had both become infinite would be no number where a step subtracts them.
    """
    if size > 4:
        return
    at, most = np.uint64(row) * BLOCK, work.dtype.type(MOST_SINGLE)
    for c in range(np.uint64(count)):
        z = work[at + c]
        work[at + c] = min(max(z, -most), most) if z == z else z


@njit(fastmath=FAST)
def total(work, row, count):  # type: ignore[no-untyped-def]
    """The sum of a row."""
    at = np.uint64(row) * BLOCK
    found = 0.0
    for c in range(np.uint64(count)):
        found += work[at + c]
    return found


@njit
def spread(flat, padded, geometry, outside, inside, beyond):  # type: ignore[no-untyped-def]
    """A plane into the middle of its padded form, and the cells outside: copies of those `inside` (-1: `beyond`)."""
    rows, columns, above, left = geometry
    width = columns + 2 * left
    for i in range(rows):
        target = padded[(i + above) * width + left :]
        source = flat[i * columns :]
        for j in range(np.uint64(columns)):
            target[j] = source[j]
    for m in range(outside.size):
        padded[outside[m]] = beyond if inside[m] < 0 else flat[inside[m]]


@njit
def gather(padded, flat, geometry, outside, inside):  # type: ignore[no-untyped-def]
    """The reverse of `spread`, for gradients: what cells outside got goes to those they are copies of."""
    rows, columns, above, left = geometry
    width = columns + 2 * left
    for i in range(rows):
        source = padded[(i + above) * width + left :]
        target = flat[i * columns :]
        for j in range(np.uint64(columns)):
            target[j] = source[j]
    for m in range(outside.size):
        if inside[m] >= 0:
            flat[inside[m]] += padded[outside[m]]
