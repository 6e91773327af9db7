"""A tableau as the chain of stages that compiled steps run through."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..steppers.rosenbrock import RosenbrockW
from ..steppers.tableau import Tableau
from .layout import Method
from .rows import MOST_TERMS

Rows = list[tuple[list[int], list[float]]]


@cache
def explicit_method(tableau: Tableau, steps: int = 1) -> Method:
    """An explicit method; with `steps` > 1, that many equal steps in one chain."""
    per_step = tableau.stages - (1 if tableau.first_same_as_last else 0)
    stored = tableau.first_same_as_last
    if stored and steps > 1:
        raise ValueError("a chain of steps is for methods that keep no rate")
    stages = per_step * steps
    base, rows = [0], [([], [])]  # type: ignore[var-annotated]
    for n in range(steps):
        start = n * per_step
        for s in range(1, per_step + 1):
            weights = tableau.b if s == per_step else tableau.a[s]
            base.append(start)
            rows.append(_used(weights, start))
    rows.append(_used(tableau.error or (), 0))
    dense = np.zeros((stages + 2, len(tableau.dense[0])))
    if steps == 1:
        dense[: len(tableau.dense)] = tableau.dense
    return _method(stages, stored, False, base, rows, [([], [])] * stages, np.ones(stages + 2, bool), dense, 1.0, steps)


@cache
def stiff_method(tableau: RosenbrockW) -> Method:
    """A Rosenbrock-W method, in increments; rates only enter the interpolant (the cubic of Hermite)."""
    stages, m = tableau.stages, tableau.m
    rows: Rows = [([], [])]
    rows += [_used(tableau.a[s, :s] if s < stages else m, 0) for s in range(1, stages + 1)]
    rows.append(_used(tableau.error, 0))
    solve = [_used(tableau.c[s, :s], 0) for s in range(stages)]
    by_h = np.zeros(stages + 2, bool)
    by_h[stages:] = True
    dense = np.zeros((stages + 2, 3))
    dense[:stages] = np.outer(m, (0.0, 3.0, -2.0))
    dense[stages] = (0.0, -1.0, 1.0)  # the rate at the end
    dense[stages + 1] = (1.0, -2.0, 1.0)  # the rate at the start
    return _method(stages, True, True, [0] * (stages + 1), rows, solve, by_h, dense, tableau.gamma, 1)


def _used(weights: object, start: int) -> tuple[list[int], list[float]]:
    values = np.asarray(weights, float)
    used = [int(n) for n in np.flatnonzero(values)]
    if len(used) > MOST_TERMS:
        raise ValueError(f"a stage of {len(used)} terms; compiled sums have at most {MOST_TERMS}")
    return [start + n for n in used], [float(values[n]) for n in used]


def _method(
    stages: int, stored: bool, stiff: bool, base: list[int], rows: Rows, solve: Rows, by_h: np.ndarray,
    dense: np.ndarray, gamma: float, steps: int,
) -> Method:  # fmt: skip
    used, count, raw = _packed(rows)
    solve_used, solve_count, solve_raw = _packed(solve)
    dense_used = np.flatnonzero(np.any(dense != 0, axis=1))
    return Method(
        stages, stored, stiff, np.array(base), used, count, raw, solve_used, solve_count, solve_raw, by_h,
        dense_used, len(dense_used), dense, gamma, steps,
    )  # fmt: skip


def _packed(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    used, raw = np.zeros((len(rows), MOST_TERMS), np.int64), np.zeros((len(rows), MOST_TERMS))
    for s, (places, weights) in enumerate(rows):
        used[s, : len(places)], raw[s, : len(weights)] = places, weights
    return used, np.array([len(places) for places, _ in rows]), raw
