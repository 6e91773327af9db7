# mypy: disable-error-code="no-untyped-def"
"""One step over one tile of an array.

`engine_code` compiles the text below the mark; what is imported above it, it imports too.

A tile is swept once, block of rows by block of rows. In turn n, block n of the state is loaded, and block n - s of
stage s is computed from the blocks of stage s - 1 around it; so a step of six stages reads the state once and writes
it once. Tiles overlap by what their stages need beyond their edges, and compute that again rather than wait for each
other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .bare import bare
from .blocks import apply_blocks, invert_blocks
from .cell_calls import call_block
from .rows import (
    FIXED,
    INFINITE,
    ZERO_FLUX,
    beyond_edge,
    combine,
    copy,
    copy_within,
    error_bits,
    error_place,
    fill,
    fill_edges,
    scaled_bits,
    size_bits,
    size_place,
    sum_taps,
)  # fmt: skip
from .streaming import leave, leave_within

# --- compiled from here on ---


@njit(cache=True, nogil=True, error_model="numpy")
def fill_halo(m, y, above, below, has_above, has_below, tile, b, height, sizes, boundary):
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
def load(source, m, place, planes, tile, b, height, sizes):
    """Rows of block b of `planes` planes from an array into the workspace. Plane n comes to place + n bs."""
    wp, bs, rows, columns = sizes.wp, sizes.bs, sizes.rows, sizes.columns
    for n in range(planes):
        if wp == columns == tile.ch - tile.cl and tile.lo >= 0 and tile.hi <= rows:
            copy(source, (n * rows + tile.lo + b * tile.hb) * columns, m, place + n * bs, height * columns)
            continue
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
):
    """One step (or a chain of fixed ones) over the tile's own cells.

    Returns (bits of the worst error ratio, where; bits of the largest |v|, where; bits of the fastest change at the
    start; bits of the largest |v| at the saved times): an index where is into (states, channels, rows, columns).
    """
    # every array taken out once, and not counted: see `bare`
    m, state, rate, feed, new_state, new_rate = (
        bare(m),
        bare(state),
        bare(rate),
        bare(feed),
        bare(new_state),
        bare(new_rate),
    )
    g_at, g_depth, k_at, k_depth = bare(lay.g), bare(lay.g_depth), bare(lay.k), bare(lay.k_depth)
    y_at, y_depth = bare(lay.y), lay.y_depth
    f_at, f_depth, w_at, w_depth = lay.f, lay.f_depth, lay.w, lay.w_depth
    drive, scratch, zero = lay.drive, lay.scratch, lay.zero
    bases, used, counts = bare(method.base), bare(method.used), bare(method.count)
    solve_used, solve_counts = bare(method.solve_used), bare(method.solve_count)
    dense_used, dense_count = bare(method.dense_used), method.dense_count
    weights, solve, numbers, atol = bare(step.weights), bare(step.solve), bare(step.numbers), bare(step.atol)
    first_taps, shifts, tap_weights = bare(taps.first), bare(taps.shifts), bare(taps.weights)
    cell_outputs, cell_rates, p = cell.outputs, cell.rates, bare(cell.parameters)
    since, bound, confined = bare(settle.since), settle.bound, bare(sizes.confined)
    counted = bare(settle.counted)
    save_now, save_weights, at_end = bare(saves.now), bare(saves.weights), bare(saves.at_end)
    states_out, states_start, states_stride = bare(saves.states), saves.start, saves.stride
    outputs_out, outputs_start, past = bare(saves.outputs), saves.outputs_start, saves.past_caches
    r0, r1, c0, blocks = tile.r0, tile.r1, tile.c0, tile.blocks
    reach_rows, reach_columns = sizes.reach_rows, sizes.reach_columns
    channels, states, bs, ys, wp = sizes.channels, sizes.states, sizes.bs, sizes.ys, sizes.wp
    rows, columns, planes = sizes.rows, sizes.columns, sizes.channels * sizes.states
    lo, hi, hb, stages = tile.lo, tile.hi, tile.hb, method.stages
    stored, stiff = method.stored, method.stiff
    width = tile.c1 - c0
    left = c0 - tile.cl
    worst, worst_place, largest, largest_place = np.int64(0), 0, np.int64(0), 0
    speed, peak = np.int64(0), np.int64(0)
    holder = np.empty(8, np.uint64)
    places = bare(holder)
    block_need = np.empty((stages + 1, 2), np.int64)  # blocks of stage s that the tile's own cells depend on
    for s in range(stages + 1):
        extra = (stages - s + (1 if stored else 0)) * reach_rows
        block_need[s, 0] = (max(r0 - extra, lo) - lo) // hb
        block_need[s, 1] = (min(r1 + extra, hi) - lo + hb - 1) // hb
    for turn in range(blocks + stages):
        b = turn
        if b < blocks:
            height = min(hb, hi - lo - b * hb)
            load(state, m, g_at[0] + (b % g_depth[0]) * planes * bs, planes, tile, b, height, sizes)
            load(feed, m, f_at + (b % f_depth) * channels * bs, channels, tile, b, height, sizes)
            if stored:
                j = stages + 1 if stiff else 0
                k = k_at[j] + (b % k_depth[j]) * planes * bs
                load(rate, m, k, planes, tile, b, height, sizes)
        for s in range(stages + 1):
            # --- the state of stage s, and its output
            if s > 0 and block_need[s, 0] <= b < block_need[s, 1]:
                height = min(hb, hi - lo - b * hb)
                base = bases[s]
                z = zero if base < 0 else g_at[base] + (b % g_depth[base]) * planes * bs
                g = g_at[s] + (b % g_depth[s]) * planes * bs
                for n in range(counts[s]):
                    j = used[s, n]
                    places[n] = k_at[j] + (b % k_depth[j]) * planes * bs
                combine(m, z, places, weights[s], counts[s], g, planes * bs)
            needs_rate = s < stages or stored
            skipped = s == 0 and stored and not stiff
            if not needs_rate:
                break
            if not (s == 0 and stored):
                if block_need[s, 0] <= b < block_need[s, 1]:
                    height = min(hb, hi - lo - b * hb)
                    g = g_at[s] + (b % g_depth[s]) * planes * bs
                    y = y_at[s] + (b % y_depth) * channels * ys
                    cells = (height * wp + 31) // 32 * 32
                    inner = reach_rows * wp + reach_columns
                    for c in range(channels):
                        call_block(cell_outputs, m, g + c * states * bs, 0, y + c * ys + inner, bs, p, cells)
                        for r in range(height):
                            row = y + c * ys + inner + r * wp
                            kind = ZERO_FLUX if tile.wraps else boundary.kind
                            fill_edges(m, row, tile.ch - tile.cl, reach_columns, kind, boundary.value)
                b -= 1
            # --- the rate of stage s
            last = s + 1 if s < stages else s
            if not skipped:
                need0 = block_need[last, 0] if s < stages else (r0 - lo) // hb
                need1 = block_need[last, 1] if s < stages else (r1 - lo + hb - 1) // hb
                if need0 <= b < need1:
                    height = min(hb, hi - lo - b * hb)
                    cells = (height * wp + 31) // 32 * 32
                    g = g_at[s] + (b % g_depth[s]) * planes * bs
                    k = k_at[s] + (b % k_depth[s]) * planes * bs
                    if not (s == 0 and stored):
                        y = y_at[s] + (b % y_depth) * channels * ys
                        if reach_rows > 0:
                            above = y_at[s] + ((b - 1) % y_depth) * channels * ys
                            below = y_at[s] + ((b + 1) % y_depth) * channels * ys
                            fill_halo(m, y, above, below, b > 0, b + 1 < blocks, tile, b, height, sizes, boundary)
                        f = f_at + (b % f_depth) * channels * bs
                        for c in range(channels):
                            driving = f + c * bs
                            if first_taps[c] < first_taps[c + 1]:
                                sum_taps(
                                    m, driving, y, shifts, tap_weights, first_taps[c], first_taps[c + 1], drive, cells
                                )
                                driving = drive
                            out = k if not (stiff and s < stages) else scratch
                            at = c * states * bs
                            call_block(cell_rates, m, g + at, driving, out + at, bs, p, cells)
                    if stiff and s < stages:
                        w = w_at + (b % w_depth) * planes * states * bs
                        if s == 0:
                            j = stages + 1
                            right = k_at[j] + (b % k_depth[j]) * planes * bs
                            f = f_at + (b % f_depth) * channels * bs
                            for c in range(channels):
                                place = w + c * states * states * bs
                                call_block(cell.jacobian, m, g + c * states * bs, f + c * bs, place, bs, p, cells)
                                invert_blocks(m, place, numbers[0], states, bs, cells)
                        else:
                            right = scratch
                            for n in range(solve_counts[s]):
                                j = solve_used[s, n]
                                places[n] = k_at[j] + (b % k_depth[j]) * planes * bs
                            combine(m, right, places, solve[s], solve_counts[s], right, planes * bs)
                        for c in range(channels):
                            at = c * states * bs
                            apply_blocks(m, w + at * states, right + at, k + at, states, bs, cells)
            if s == 0 and bound > 0.0:
                j = stages + 1 if stiff else 0
                if (r0 - lo) // hb <= b < (r1 - lo + hb - 1) // hb:
                    height = min(hb, hi - lo - b * hb)
                    k = k_at[j] + (b % k_depth[j]) * planes * bs
                    for c in range(channels):
                        for r in range(max(r0 - lo - b * hb, 0), min(r1 - lo - b * hb, height)):
                            row = k + c * states * bs + r * wp + left
                            speed = max(speed, size_bits(m, row, width))
                            for n in range(1, states):
                                speed = max(speed, scaled_bits(m, row + n * bs, width, counted[n]))
                            at = (c * rows + lo + b * hb + r) * columns + c0
                            for q in range(width):
                                moves = abs(m[row + q]) > bound
                                for n in range(1, states):
                                    moves = moves or counted[n] * abs(m[row + n * bs + q]) > bound
                                if moves:
                                    since[at + q] = np.nan
                                elif np.isnan(since[at + q]):
                                    since[at + q] = numbers[1]
        # --- the end of the step, for block b
        if not ((r0 - lo) // hb <= b < (r1 - lo + hb - 1) // hb):
            continue
        height = min(hb, hi - lo - b * hb)
        g0 = g_at[0] + (b % g_depth[0]) * planes * bs
        g = g_at[stages] + (b % g_depth[stages]) * planes * bs
        k = k_at[stages] + (b % k_depth[stages]) * planes * bs
        if counts[stages + 1] > 0:
            for n in range(counts[stages + 1]):
                j = used[stages + 1, n]
                places[n] = k_at[j] + (b % k_depth[j]) * planes * bs
            combine(m, zero, places, weights[stages + 1], counts[stages + 1], scratch, planes * bs)
        top = lo + b * hb
        first_row, last_row = max(r0 - top, 0), min(r1 - top, height)
        # rows without edges between them lie in one piece, here as in the array
        lines, line = (1, (last_row - first_row) * columns) if wp == columns == width else (last_row - first_row, width)
        for c in range(channels):
            for n in range(states):
                for q in range(lines):
                    at = (c * states + n) * bs + (first_row + q) * wp + left
                    to = ((c * states + n) * rows + top + first_row + q) * columns + c0
                    if counts[stages + 1] > 0:
                        bits = error_bits(m, scratch + at, g0 + at, g + at, numbers[2], atol[n], line)
                        if bits > worst:
                            worst = bits
                            place = error_place(m, scratch + at, g0 + at, g + at, numbers[2], atol[n], line, bits)
                            worst_place = to + place
                    else:
                        bits = size_bits(m, g + at, line)
                        # of memristor states, only what is not finite: the next line would hold it to [0, 1]
                        if bits > largest and (n == 0 or bits >= INFINITE):
                            largest, largest_place = bits, to + size_place(m, g + at, line, bits)
                    if confined[n]:
                        copy_within(m, g + at, new_state, to, line, 0.0, 1.0)
                    else:
                        copy(m, g + at, new_state, to, line)
                    if stored:
                        copy(m, k + at, new_rate, to, line)
        for save in range(save_now[0]):
            for n in range(dense_count):
                j = dense_used[n]
                places[n] = k_at[j] + (b % k_depth[j]) * planes * bs
            if at_end[save]:
                copy(m, g, m, scratch, planes * bs)
            else:
                combine(m, g0, places, save_weights[save], dense_count, scratch, planes * bs)
            cells = (height * wp + 31) // 32 * 32
            for c in range(channels):
                call_block(cell_outputs, m, scratch + c * states * bs, 0, drive, bs, p, cells)
                for q in range(lines):
                    at = (first_row + q) * wp + left
                    peak = max(peak, size_bits(m, scratch + c * states * bs + at, line))
                    here = (c * rows + top + first_row + q) * columns + c0
                    to = (save_now[1] + save) * channels * rows * columns + here
                    leave(m, drive + at, outputs_out, outputs_start + to, line, past)
                    for n in range(states):
                        source = scratch + (c * states + n) * bs + at
                        place = states_start + n * states_stride + to
                        if confined[n]:
                            leave_within(m, source, states_out, place, line, 0.0, 1.0, past)
                        else:
                            leave(m, source, states_out, place, line, past)
    holder[0] = 0  # alive until here
    return worst, worst_place, largest, largest_place, speed, peak
