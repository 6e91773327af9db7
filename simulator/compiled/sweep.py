# mypy: disable-error-code="no-untyped-def"
"""One adaptive explicit step over one tile, row by row, where a stage is one loop (`stage_rows`).

`engine_code` compiles the text below the mark. As in `tile`, each stage follows the one before down the array; here it
lags by one row, not by a block, and no row is copied as another's neighbour: rows of each plane lie in a ring. The bits
are those of `step_tile`, which takes the steps with saved points in them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .bare import bare
from .cell_calls import call_block, call_stage
from .rows import FIXED, combine, copy, error_bits, error_place, fill, fill_edges
from .stage_rows import (
    BASE,
    FEED,
    FIRST_TAP,
    FIRST_TERM,
    FIRST_WEIGHT,
    NEXT,
    OUTPUT,
    OWN,
    PLACES,
    RATE,
    RATE_ONLY,
    STATE,
    TAPS,
    TERMS,
    WEIGHTS,
)  # fmt: skip

GROUP = 8
"""Rows of a turn: calls cost little of it, and what a turn uses stays in a core's own cache."""
RING = 16
"""Rows of a ring: a turn's, and those of as many stages and neighbours."""
LANES = 16
"""Rows start at multiples of so many numbers."""
DEEPEST = RING - GROUP - 2
"""The most stages."""


def sweep_cells(width: int, stages: int) -> int:
    """The workspace of `sweep_tile`, for rows of so many cells with their edges."""
    pitch = -(-(width + 2) // LANES) * LANES
    return (3 * stages + 6) * (RING + 1) * pitch + pitch


# --- compiled from here on ---


@njit(cache=True, nogil=True, error_model="numpy")
def can_sweep(tile, sizes, method, cell, taps, saves, settle):
    """Whether `sweep_tile` can take this step of this tile."""
    if cell.stage == 0 or sizes.channels != 1 or sizes.reach_rows > 1 or sizes.reach_columns > 1:
        return False
    if tile.whole or tile.wraps or saves.now[0] > 0 or settle.bound > 0.0 or taps.first[1] > TAPS:
        return False
    if method.stiff or not method.stored or method.stages > DEEPEST or method.count[method.stages + 1] == 0:
        return False
    for s in range(2, method.stages + 1):
        terms = method.count[s] - 1
        if terms > TERMS or method.base[s] != 0 or method.used[s, terms] != s - 1:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def load_row(source, m, place, tile, row, rows, columns):
    """A row of the tile from an array into the workspace."""
    copy(source, row % rows * columns + tile.cl, m, place, tile.ch - tile.cl)


@njit(cache=True, nogil=True, error_model="numpy")
def frame(m, y, pitch, width, tile, rows, first, last, reach_columns, boundary):
    """What lies around rows [first, last) of outputs: left and right, and beyond the array's first and last row."""
    mask = RING - 1
    for r in range(first, last):
        fill_edges(m, y + ((r & mask) * pitch), width, reach_columns, boundary.kind, boundary.value)
    for edge, beyond, here in ((0, -1, first == 0), (rows - 1, rows, last == rows)):
        if here:
            target = y + (beyond & mask) * pitch - 1
            if boundary.kind == FIXED:
                fill(m, target, boundary.value, width + 2)
            else:
                copy(m, y + (edge & mask) * pitch - 1, m, target, width + 2)


@njit(cache=True, nogil=True, error_model="numpy")
def sweep_tile(m, tile, sizes, method, state, rate, feed, cell, taps, boundary, step, new_state, new_rate):
    """One step over the tile's own cells: (bits of the worst error ratio, where)."""
    m, state, rate, feed = bare(m), bare(state), bare(rate), bare(feed)
    new_state, new_rate = bare(new_state), bare(new_rate)
    used, counts, weights, p = bare(method.used), bare(method.count), bare(step.weights), bare(cell.parameters)
    first_taps, shifts, tap_weights = bare(taps.first), bare(taps.shifts), bare(taps.weights)
    rtol, atol, stages = step.numbers[2], step.atol[0], method.stages
    rows, columns, wp, lo = sizes.rows, sizes.columns, sizes.wp, tile.lo
    width, height, mask = tile.ch - tile.cl, tile.hi - lo, RING - 1
    cells = (width + LANES - 1) // LANES * LANES
    pitch = (width + 2 + LANES - 1) // LANES * LANES
    plane = (RING + 1) * pitch
    # planes: feed, one of nothing but zeros, scratch; then of each stage its state, rate and outputs
    fed, nothing, scratch = pitch, pitch + plane, pitch + 2 * plane
    g, k, y = 3 * plane + pitch, (stages + 4) * plane + pitch, (2 * stages + 5) * plane + pitch
    place_holder, weight_holder = np.zeros(PLACES, np.uint64), np.zeros(WEIGHTS, tap_weights.dtype)
    down_holder = np.zeros(TAPS, np.int64)
    term_holder = np.empty(8, np.uint64)
    places, stage_weights, down, terms_at = (
        bare(place_holder),
        bare(weight_holder),
        bare(down_holder),
        bare(term_holder),
    )
    fill(m, nothing, 0.0, cells)
    aside_holder = np.zeros(TAPS, np.int64)
    aside = bare(aside_holder)
    for n in range(first_taps[1]):
        down[n] = np.int64(shifts[n]) // wp - sizes.reach_rows
        aside[n] = np.int64(shifts[n]) % wp - sizes.reach_columns
        stage_weights[n] = tap_weights[n]
    worst, worst_place = np.int64(0), 0
    left, own_width = tile.c0 - tile.cl, tile.c1 - tile.c0
    for turn in range((height + stages + GROUP - 1) // GROUP):
        begin = turn * GROUP
        end = min(begin + GROUP, height)
        # --- rows of the state, its rate and the feed; the first stage's state and outputs
        if begin < end:
            at = (begin & mask) * pitch
            for r in range(begin, end):
                place = (r & mask) * pitch
                load_row(state, m, g + place, tile, lo + r, rows, columns)
                load_row(rate, m, k + place, tile, lo + r, rows, columns)
                load_row(feed, m, fed + place, tile, lo + r, rows, columns)
            group = (end - begin) * pitch
            terms_at[0] = k + at
            combine(m, g + at, terms_at, weights[1], 1, g + plane + at, group)
            call_block(cell.outputs, m, g + plane + at, 0, y + plane + at, 0, p, group)
            frame(m, y + plane, pitch, width, tile, height, begin, end, sizes.reach_columns, boundary)
        # --- each stage's rate, and the next one's state and outputs
        for s in range(1, stages + 1):
            # rows whose next state the tile's own cells depend on, of those that this turn has come to
            extra = (stages - s) * sizes.reach_rows
            first = max(begin - s, 0, tile.r0 - extra - lo)
            last = min(begin - s + GROUP, height, tile.r1 + extra - lo)
            if first >= last:
                continue
            places[FEED], places[STATE], places[RATE] = fed, g + s * plane, k + s * plane
            for n in range(TAPS):
                places[FIRST_TAP + n] = y + s * plane + aside[n]
            terms = RATE_ONLY
            if s < stages:
                terms = counts[s + 1] - 1
                places[BASE], places[NEXT], places[OUTPUT] = g, g + (s + 1) * plane, y + (s + 1) * plane
                stage_weights[OWN] = weights[s + 1, terms]
                for n in range(terms):
                    places[FIRST_TERM + n] = k + used[s + 1, n] * plane
                    stage_weights[FIRST_WEIGHT + n] = weights[s + 1, n]
            call_stage(cell.stage, m, places, stage_weights, p, down, terms, first, last, mask, pitch, cells)
            if s < stages:
                frame(m, y + (s + 1) * plane, pitch, width, tile, height, first, last, sizes.reach_columns, boundary)
                continue
            # --- the end of the step
            for r in range(first, last):
                at = (r & mask) * pitch + left
                to = (lo + r) * columns + tile.c0
                for n in range(counts[stages + 1]):
                    terms_at[n] = k + used[stages + 1, n] * plane + at
                combine(m, nothing, terms_at, weights[stages + 1], counts[stages + 1], scratch, own_width)
                after = g + stages * plane + at
                bits = error_bits(m, scratch, g + at, after, rtol, atol, own_width)
                if bits > worst:
                    worst = bits
                    worst_place = to + error_place(m, scratch, g + at, after, rtol, atol, own_width, bits)
                copy(m, after, new_state, to, own_width)
                copy(m, k + stages * plane + at, new_rate, to, own_width)
    # alive until here
    place_holder[0], weight_holder[0], down_holder[0], term_holder[0], aside_holder[0] = 0, 0, 0, 0, 0
    return worst, worst_place
