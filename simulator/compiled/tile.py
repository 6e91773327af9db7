"""One step over one tile of an array.

`engine_code` compiles the text below the mark; what is imported above it, it imports too.

A tile is swept once, block of rows by block of rows. In turn n, block n of the state is loaded, and block n - s of stage
s is computed from the blocks of stage s - 1 around it; so a step of six stages reads the state once and writes it once.
Tiles overlap by what their stages need beyond their edges, and compute that again rather than wait for each other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .blocks import apply_blocks, invert_blocks
from .cell_calls import call_block
from .rows import (
    FIXED,
    ZERO_FLUX,
    add_taps,
    beyond_edge,
    combine,
    copy,
    copy_within,
    error_bits,
    error_place,
    fill,
    fill_edges,
    size_bits,
    size_place,
)  # fmt: skip

# --- compiled from here on ---


@njit(cache=True, nogil=True, error_model="numpy")
def fill_halo(m, y, above, below, has_above, has_below, tile, b, height, sizes, boundary):  # type: ignore[no-untyped-def]
    """The rows of outputs above and below block b: from the blocks beside it, or from the boundary."""
    lo, hi, hb, whole = tile.lo, tile.hi, tile.hb, tile.whole
    rows, wp, ys, reach = sizes.rows, sizes.wp, sizes.ys, sizes.reach_rows
    top = lo + b * hb
    for c in range(sizes.channels):
        first = y + c * ys + reach * wp
        for q in range(1, reach + 1):
            for side in range(2):
                i = top - q if side == 0 else top + height - 1 + q
                target = first + (i - top) * wp
                if whole:
                    inside = beyond_edge(i, rows, boundary.kind)
                    if inside < 0:
                        fill(m, target, boundary.value, wp)
                    else:
                        copy(m, first + inside * wp, m, target, wp)
                elif side == 0 and i >= lo and has_above:
                    copy(m, above + c * ys + (reach + hb - q) * wp, m, target, wp)
                elif side == 1 and i < hi and has_below:
                    copy(m, below + c * ys + (reach + i - top - hb) * wp, m, target, wp)
                elif (i < 0 or i >= rows) and boundary.kind == FIXED:
                    fill(m, target, boundary.value, wp)
                elif side == 1 and has_below and hi == rows:
                    # the array's last row, which is in the next block where that is lower than the kernel reaches
                    copy(m, below + c * ys + (reach + rows - 1 - top - hb) * wp, m, target, wp)
                else:
                    # the array's edge under zero-flux, or a tile's, whose neighbours count no more
                    copy(m, first + (0 if side == 0 else height - 1) * wp, m, target, wp)


@njit(cache=True, nogil=True, error_model="numpy")
def load(source, m, place, planes, tile, b, height, sizes):  # type: ignore[no-untyped-def]
    """Rows of block b of `planes` planes from an array into the workspace. Plane n comes to place + n bs."""
    wp, bs, rows, columns = sizes.wp, sizes.bs, sizes.rows, sizes.columns
    for n in range(planes):
        for r in range(height):
            i = (tile.lo + b * tile.hb + r) % rows
            target, row = place + n * bs + r * wp, (n * rows + i) * columns
            if tile.wraps:
                for q in range(tile.ch - tile.cl):
                    m[target + q] = source[row + (tile.cl + q) % columns]
            else:
                copy(source, row + tile.cl, m, target, tile.ch - tile.cl)


@njit(cache=True, nogil=True, error_model="numpy")
def step_tile(
    m, tile, sizes, lay, method, state, rate, feed, cell, taps, boundary, step, new_state, new_rate, saves, settle
):  # type: ignore[no-untyped-def]  # noqa: E501
    """One step (or a chain of fixed ones) over the tile's own cells.

    Returns (bits of the worst error ratio, where; bits of the largest |v|, where; bits of the largest |dv/dt| at the
    start): an index where is into (states, channels, rows, columns).
    """
    channels, states, bs, ys, wp = sizes.channels, sizes.states, sizes.bs, sizes.ys, sizes.wp
    rows, columns, planes = sizes.rows, sizes.columns, sizes.channels * sizes.states
    lo, hi, hb, stages = tile.lo, tile.hi, tile.hb, method.stages
    stored, stiff = method.stored, method.stiff
    width = tile.c1 - tile.c0
    left = tile.c0 - tile.cl
    worst, worst_place, largest, largest_place, speed = np.int64(0), 0, np.int64(0), 0, np.int64(0)
    places = np.empty(8, np.uint64)
    block_need = np.empty((stages + 1, 2), np.int64)  # blocks of stage s that the tile's own cells depend on
    for s in range(stages + 1):
        extra = (stages - s + (1 if stored else 0)) * sizes.reach_rows
        block_need[s, 0] = (max(tile.r0 - extra, lo) - lo) // hb
        block_need[s, 1] = (min(tile.r1 + extra, hi) - lo + hb - 1) // hb
    for turn in range(tile.blocks + stages):
        b = turn
        if b < tile.blocks:
            height = min(hb, hi - lo - b * hb)
            load(state, m, lay.g[0] + (b % lay.g_depth[0]) * planes * bs, planes, tile, b, height, sizes)
            load(feed, m, lay.f + (b % lay.f_depth) * channels * bs, channels, tile, b, height, sizes)
            if stored:
                j = stages + 1 if stiff else 0
                k = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
                load(rate, m, k, planes, tile, b, height, sizes)
        for s in range(stages + 1):
            # --- the state of stage s, and its output
            if s > 0 and block_need[s, 0] <= b < block_need[s, 1]:
                height = min(hb, hi - lo - b * hb)
                base = method.base[s]
                z = lay.zero if base < 0 else lay.g[base] + (b % lay.g_depth[base]) * planes * bs
                g = lay.g[s] + (b % lay.g_depth[s]) * planes * bs
                for n in range(method.count[s]):
                    j = method.used[s, n]
                    places[n] = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
                combine(m, z, places, step.weights[s], method.count[s], g, planes * bs)
            needs_rate = s < stages or stored
            skipped = s == 0 and stored and not stiff
            if not needs_rate:
                break
            if not (s == 0 and stored):
                if block_need[s, 0] <= b < block_need[s, 1]:
                    height = min(hb, hi - lo - b * hb)
                    g = lay.g[s] + (b % lay.g_depth[s]) * planes * bs
                    y = lay.y[s] + (b % lay.y_depth) * channels * ys
                    cells = (height * wp + 31) // 32 * 32
                    inner = sizes.reach_rows * wp + sizes.reach_columns
                    for c in range(channels):
                        call_block(
                            cell.outputs, m, g + c * states * bs, 0, y + c * ys + inner, bs, cell.parameters, cells
                        )
                        for r in range(height):
                            row = y + c * ys + inner + r * wp
                            kind = ZERO_FLUX if tile.wraps else boundary.kind
                            fill_edges(m, row, tile.ch - tile.cl, sizes.reach_columns, kind, boundary.value)
                b -= 1
            # --- the rate of stage s
            last = s + 1 if s < stages else s
            if not skipped:
                need0 = block_need[last, 0] if s < stages else (tile.r0 - lo) // hb
                need1 = block_need[last, 1] if s < stages else (tile.r1 - lo + hb - 1) // hb
                if need0 <= b < need1:
                    height = min(hb, hi - lo - b * hb)
                    cells = (height * wp + 31) // 32 * 32
                    g = lay.g[s] + (b % lay.g_depth[s]) * planes * bs
                    k = lay.k[s] + (b % lay.k_depth[s]) * planes * bs
                    if not (s == 0 and stored):
                        y = lay.y[s] + (b % lay.y_depth) * channels * ys
                        if sizes.reach_rows > 0:
                            above = lay.y[s] + ((b - 1) % lay.y_depth) * channels * ys
                            below = lay.y[s] + ((b + 1) % lay.y_depth) * channels * ys
                            fill_halo(m, y, above, below, b > 0, b + 1 < tile.blocks, tile, b, height, sizes, boundary)
                        f = lay.f + (b % lay.f_depth) * channels * bs
                        for c in range(channels):
                            copy(m, f + c * bs, m, lay.drive, cells)
                            add_taps(
                                m, y, taps.shifts, taps.weights, taps.first[c], taps.first[c + 1], lay.drive, cells
                            )
                            out = k if not (stiff and s < stages) else lay.scratch
                            at = c * states * bs
                            call_block(cell.rates, m, g + at, lay.drive, out + at, bs, cell.parameters, cells)
                    if stiff and s < stages:
                        w = lay.w + (b % lay.w_depth) * planes * states * bs
                        if s == 0:
                            j = stages + 1
                            right = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
                            f = lay.f + (b % lay.f_depth) * channels * bs
                            for c in range(channels):
                                place = w + c * states * states * bs
                                call_block(
                                    cell.jacobian, m, g + c * states * bs, f + c * bs, place, bs, cell.parameters, cells
                                )
                                invert_blocks(m, place, step.numbers[0], states, bs, cells)
                        else:
                            right = lay.scratch
                            for n in range(method.solve_count[s]):
                                j = method.solve_used[s, n]
                                places[n] = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
                            combine(m, right, places, step.solve[s], method.solve_count[s], right, planes * bs)
                        for c in range(channels):
                            at = c * states * bs
                            apply_blocks(m, w + at * states, right + at, k + at, states, bs, cells)
            if s == 0 and settle.bound > 0.0:
                j = stages + 1 if stiff else 0
                if (tile.r0 - lo) // hb <= b < (tile.r1 - lo + hb - 1) // hb:
                    height = min(hb, hi - lo - b * hb)
                    k = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
                    for c in range(channels):
                        for r in range(height):
                            i = lo + b * hb + r
                            if tile.r0 <= i < tile.r1:
                                row = k + c * states * bs + r * wp + left
                                speed = max(speed, size_bits(m, row, width))
                                at = (c * rows + i) * columns + tile.c0
                                for q in range(width):
                                    if abs(m[row + q]) > settle.bound:
                                        settle.since[at + q] = np.nan
                                    elif np.isnan(settle.since[at + q]):
                                        settle.since[at + q] = step.numbers[1]
        # --- the end of the step, for block b
        if not ((tile.r0 - lo) // hb <= b < (tile.r1 - lo + hb - 1) // hb):
            continue
        height = min(hb, hi - lo - b * hb)
        g0 = lay.g[0] + (b % lay.g_depth[0]) * planes * bs
        g = lay.g[stages] + (b % lay.g_depth[stages]) * planes * bs
        k = lay.k[stages] + (b % lay.k_depth[stages]) * planes * bs
        if method.count[stages + 1] > 0:
            for n in range(method.count[stages + 1]):
                j = method.used[stages + 1, n]
                places[n] = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
            combine(m, lay.zero, places, step.weights[stages + 1], method.count[stages + 1], lay.scratch, planes * bs)
        for c in range(channels):
            for n in range(states):
                plane = (c * states + n) * bs
                for r in range(height):
                    i = lo + b * hb + r
                    if tile.r0 <= i < tile.r1:
                        at = plane + r * wp + left
                        to = ((c * states + n) * rows + i) * columns + tile.c0
                        if method.count[stages + 1] > 0:
                            bits = error_bits(
                                m, lay.scratch + at, g0 + at, g + at, step.numbers[2], step.atol[n], width
                            )
                            if bits > worst:
                                worst = bits
                                worst_place = to + error_place(
                                    m, lay.scratch + at, g0 + at, g + at, step.numbers[2], step.atol[n], width, bits
                                )
                        bits = size_bits(m, g + at, width)
                        if n == 0 and bits > largest:
                            largest, largest_place = bits, to + size_place(m, g + at, width, bits)
                        if sizes.confined[n]:
                            copy_within(m, g + at, new_state, to, width, 0.0, 1.0)
                        else:
                            copy(m, g + at, new_state, to, width)
                        if stored:
                            copy(m, k + at, new_rate, to, width)
        for save in range(saves.now[0]):
            for n in range(method.dense_count):
                j = method.dense_used[n]
                places[n] = lay.k[j] + (b % lay.k_depth[j]) * planes * bs
            if saves.at_end[save]:
                copy(m, g, m, lay.scratch, planes * bs)
            else:
                combine(m, g0, places, saves.weights[save], method.dense_count, lay.scratch, planes * bs)
            cells = (height * wp + 31) // 32 * 32
            for c in range(channels):
                call_block(cell.outputs, m, lay.scratch + c * states * bs, 0, lay.drive, bs, cell.parameters, cells)
                for r in range(height):
                    i = lo + b * hb + r
                    if tile.r0 <= i < tile.r1:
                        at = r * wp + left
                        here = (c * rows + i) * columns + tile.c0
                        to = (saves.now[1] + save) * channels * rows * columns + here
                        copy(m, lay.drive + at, saves.outputs, saves.outputs_start + to, width)
                        for n in range(states):
                            source, place = (
                                lay.scratch + (c * states + n) * bs + at,
                                saves.start + n * saves.stride + to,
                            )
                            if sizes.confined[n]:
                                copy_within(m, source, saves.states, place, width, 0.0, 1.0)
                            else:
                                copy(m, source, saves.states, place, width)
    return worst, worst_place, largest, largest_place, speed
