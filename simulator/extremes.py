"""The least and the largest of many numbers, in one pass over them."""

from __future__ import annotations

from numba import njit


@njit(cache=True, fastmath={"nnan", "nsz"})
def extremes(values):  # type: ignore[no-untyped-def]
    """(the least, the largest) of a flat array of finite numbers; NumPy reads it twice."""
    least, most = values[0], values[0]
    for n in range(values.size):
        least, most = min(least, values[n]), max(most, values[n])
    return float(least), float(most)
