"""How an array is cut into tiles and blocks, and where a thread's blocks lie in its workspace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .layout import Layout, Method, Sizes
from .sweep import sweep_cells

BLOCK = 16384
"""Bytes of cells a loop runs over at a time: enough to make little of its start, few enough for the blocks of all
stages to stay in a core's own cache."""
WHOLE = 4096
"""Cells up to which an array is one block: no edges are computed twice."""
STRIP = 512
"""Columns of a tile at most."""
ROUND = 32
"""Loops run over whole vectors: lanes past the last cell hold numbers no one reads."""


@dataclass(frozen=True)
class Plan:
    """Sizes, and for a method its tiles (tiles, fields of layout.Tile), layout and the workspace's length."""

    sizes: Sizes
    threads: int

    def of(self, method: Method, periodic: bool) -> tuple[np.ndarray, Layout, int]:
        """Tiles, layout, and cells of the workspace."""
        tiles = _tiles(self.sizes, method, self.threads, periodic)
        layout, length = _layout(self.sizes, method, whole=bool(tiles[0, 10]))
        return tiles, layout, length


def plan(
    shape: tuple[int, int, int], states: int, reach: tuple[int, int], confined: np.ndarray, threads: int, item: int
) -> Plan:
    """The plan of an array (channels, rows, columns) whose feedback reaches that far, for numbers of `item` bytes."""
    channels, rows, columns = shape
    strip = columns if columns <= STRIP else STRIP + 2 * 8 * reach[1]
    wp = strip + 2 * reach[1]
    height = rows if _is_whole(shape) else max(reach[0], min(rows, max(1, BLOCK // item // wp)))
    bs = _rounded(height * wp) + ROUND
    ys = _rounded((height + 2 * reach[0]) * wp + 2 * reach[1]) + 2 * ROUND
    sizes = Sizes(channels, states, rows, columns, *reach, wp, height, bs, ys, confined)
    return Plan(sizes, 1 if _is_whole(shape) else threads)


def _is_whole(shape: tuple[int, int, int]) -> bool:
    return shape[0] * shape[1] * shape[2] <= WHOLE


def _rounded(cells: int) -> int:
    return -(-cells // ROUND) * ROUND


def _tiles(sizes: Sizes, method: Method, threads: int, periodic: bool) -> np.ndarray:
    rows, columns = sizes.rows, sizes.columns
    whole = _is_whole((sizes.channels, rows, columns))
    halo_rows, halo_columns = method.stages * sizes.reach_rows, method.stages * sizes.reach_columns
    bands = 1 if whole else threads
    strips = -(-columns // STRIP)
    tiles = []
    for r0, r1 in _cuts(rows, bands):
        for c0, c1 in _cuts(columns, strips):
            lo, hi = (0, rows) if whole else (r0 - halo_rows, r1 + halo_rows)
            cl, ch = (0, columns) if strips == 1 else (c0 - halo_columns, c1 + halo_columns)
            wraps = periodic and strips > 1
            if not periodic:
                lo, hi = max(lo, 0), min(hi, rows)
            if not wraps:
                cl, ch = max(cl, 0), min(ch, columns)
            blocks = -(-(hi - lo) // sizes.hb)
            tiles.append((r0, r1, c0, c1, lo, hi, cl, ch, blocks, sizes.hb, whole, wraps))
    return np.array(tiles, np.int64)


def _cuts(size: int, parts: int) -> list[tuple[int, int]]:
    edges = [size * n // parts for n in range(parts + 1)]
    return [(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a]


def _layout(sizes: Sizes, method: Method, whole: bool) -> tuple[Layout, int]:
    stages, stored = method.stages, method.stored
    planes = sizes.channels * sizes.states
    # in which turn, after that in which the state was loaded, each block comes to be, and is last used
    born_g = [0] + [s - 1 if stored else s for s in range(1, stages + 1)]
    born_k = [s if stored else s + 1 for s in range(stages + 1)] + [0]
    last_g = [born + 1 for born in born_g]
    last_k = [0] * (stages + 2)
    for s in range(1, stages + 1):
        if method.base[s] >= 0:
            last_g[method.base[s]] = max(last_g[method.base[s]], born_g[s])
        for j in method.used[s, : method.count[s]]:
            last_k[j] = max(last_k[j], born_g[s])
    for s in range(stages):
        for j in method.solve_used[s, : method.solve_count[s]]:
            last_k[j] = max(last_k[j], born_k[s])
    at_end = [*method.used[stages + 1, : method.count[stages + 1]], *method.dense_used]
    if stored:
        at_end.append(stages)
    for j in at_end:
        last_k[j] = stages
    last_g[0] = last_g[stages] = stages  # for the error estimate and the interpolant
    if stored:
        last_k[stages + 1 if method.stiff else 0] = stages

    # what `sweep` uses comes first
    place = 0 if whole else sweep_cells(sizes.wp, stages)

    def reserve(cells: int) -> int:
        nonlocal place
        start, place = place, place + _rounded(cells)
        return start

    def depth(born: int, last: int) -> int:
        return 1 if whole else max(last - born, 0) + 1

    g_depth = np.array([depth(b, e) for b, e in zip(born_g, last_g, strict=True)])
    k_depth = np.array([depth(b, e) for b, e in zip(born_k, last_k, strict=True)])
    g = np.array([reserve(planes * sizes.bs * n) for n in g_depth])
    # rates that are used up in the turn in which they come to be lie in one place, which stays in the nearest cache
    passing = reserve(planes * sizes.bs)
    brief = [not whole and birth == end for birth, end in zip(born_k, last_k, strict=True)]
    k = np.array(
        [passing if short else reserve(planes * sizes.bs * n) for short, n in zip(brief, k_depth, strict=True)]
    )
    y_depth, f_depth, w_depth = (1, 1, 1) if whole else (3, stages + 1, stages + 1)
    y = np.array([reserve(sizes.channels * sizes.ys * y_depth) for _ in range(stages + 1)])
    f = reserve(sizes.channels * sizes.bs * f_depth)
    w = reserve(planes * sizes.states * sizes.bs * w_depth if method.stiff else 0)
    drive, scratch, zero = reserve(sizes.bs), reserve(planes * sizes.bs), reserve(planes * sizes.bs)
    return Layout(g, g_depth, k, k_depth, y, y_depth, f, f_depth, w, w_depth, drive, scratch, zero), place + ROUND
