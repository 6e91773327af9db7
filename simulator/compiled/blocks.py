"""The small matrices of implicit stages: (1 / (gamma h) - J) of every cell, inverted and applied."""

from __future__ import annotations

import numpy as np
from numba import njit

from ...devices.codegen.fast_math import fma


@njit(error_model="numpy")
def invert_blocks(m, place, shift, states, stride, cells):  # type: ignore[no-untyped-def]
    """Turn the Jacobians J at `place` into (shift - J)^-1. Entry (r, c) of all cells lies at (r states + c) stride."""
    first, step, cells = np.uint64(place), np.uint64(stride), np.uint64(cells)
    if states == 1:
        for j in range(cells):
            m[first + j] = 1.0 / (shift - m[first + j])
    elif states == 2:
        a, b, c, d = first, first + step, first + np.uint64(2) * step, first + np.uint64(3) * step
        for j in range(cells):
            p, q, r, s = shift - m[a + j], m[b + j], m[c + j], shift - m[d + j]
            determinant = 1.0 / fma(p, s, -(q * r))
            m[a + j] = s * determinant
            m[b + j] = q * determinant
            m[c + j] = r * determinant
            m[d + j] = p * determinant
    else:
        _invert_by_elimination(m, place, shift, states, stride, cells)


@njit(error_model="numpy")
def _invert_by_elimination(m, place, shift, states, stride, cells):  # type: ignore[no-untyped-def]
    """Gauss and Jordan with the largest pivot of each column, cell by cell."""
    work = np.empty((states, 2 * states))
    for j in range(cells):
        for r in range(states):
            for c in range(states):
                work[r, c] = (shift if r == c else 0.0) - m[place + (r * states + c) * stride + j]
                work[r, states + c] = 1.0 if r == c else 0.0
        for c in range(states):
            pivot = c
            for r in range(c + 1, states):
                if abs(work[r, c]) > abs(work[pivot, c]):
                    pivot = r
            for k in range(2 * states):
                work[c, k], work[pivot, k] = work[pivot, k], work[c, k]
            scale = 1.0 / work[c, c]
            for k in range(2 * states):
                work[c, k] *= scale
            for r in range(states):
                if r != c:
                    factor = work[r, c]
                    for k in range(2 * states):
                        work[r, k] -= factor * work[c, k]
        for r in range(states):
            for c in range(states):
                m[place + (r * states + c) * stride + j] = work[r, states + c]


@njit(error_model="numpy")
def apply_blocks(m, inverse, right, out, states, stride, cells):  # type: ignore[no-untyped-def]
    """m[out] = (the matrix at `inverse`) times m[right], in every cell."""
    inverse, right, out = np.uint64(inverse), np.uint64(right), np.uint64(out)
    states, step, cells = np.uint64(states), np.uint64(stride), np.uint64(cells)
    for r in range(states):
        o, entry = out + r * step, inverse + r * states * step
        for j in range(cells):
            m[o + j] = m[entry + j] * m[right + j]
        for c in range(np.uint64(1), states):
            entry, value = inverse + (r * states + c) * step, right + c * step
            for j in range(cells):
                m[o + j] = fma(m[entry + j], m[value + j], m[o + j])
