# mypy: disable-error-code="no-untyped-def"
"""A run's steps, one after the other. `engine_code` compiles the text below the mark.

Every thread of a run calls the same function with its number; the first one decides, the others compute their tiles
and meet it twice a step. The decisions are those of `control`: Hairer, Norsett & Wanner I, section II.4, and II,
section IV.2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ...devices.codegen.fast_math import from_bits
from .barrier import meet
from .layout import Tile
from .status import (
    BETA,
    COLLAPSED,
    CURRENT,
    DONE,
    GROW,
    LAST_ERROR,
    LONGEST,
    LOST,
    MAX_REJECTIONS,
    MAX_STEPS,
    NEXT_SAVE,
    NOT_FINITE,
    PAUSED,
    PEAK,
    RAN_AWAY,
    RATIO,
    REFUSED,
    REJECTED,
    REJECTIONS,
    RUNNING,
    SAFETY,
    SETTLED,
    SHORTEST,
    SHORTEST_STEP,
    SHRINK,
    STATUS,
    STEPS,
    STOP,
    TOO_MANY,
    TRIES,
    WHERE,
    H,
    T,
)  # fmt: skip
from .sweep import can_sweep, sweep_tile
from .tile import step_tile

# --- compiled from here on ---


@njit(cache=True, nogil=True, error_model="numpy")
def set_weights(method, step, h, t):
    """The method's numbers times the step."""
    for s in range(method.stages + 2):
        for n in range(method.count[s]):
            factor = h if method.by_h[method.used[s, n]] else 1.0
            step.weights[s, n] = method.raw[s, n] * factor
    for s in range(method.stages):
        for n in range(method.solve_count[s]):
            step.solve[s, n] = method.solve_raw[s, n] / h
    step.numbers[0] = 1.0 / (method.gamma * h) if method.stiff else 0.0
    step.numbers[1] = t


@njit(cache=True, nogil=True, error_model="numpy")
def set_saves(method, saves, first, t, h, end):
    """The saved times in (t, t + h], and the interpolant's weights there; `end` is the time after the step."""
    n = 0
    while first + n < saves.times.size and saves.times[first + n] <= end:
        theta = (saves.times[first + n] - t) / h
        saves.at_end[n] = theta >= 1.0 - 1e-14
        for k in range(method.dense_count):
            j = method.dense_used[k]
            weight, power = 0.0, 1.0
            for degree in range(method.dense.shape[1]):
                power *= theta
                weight += method.dense[j, degree] * power
            saves.weights[n, k] = weight * h if method.by_h[j] else weight
        n += 1
    saves.now[0], saves.now[1] = n, first


@njit(inline="always", error_model="numpy")
def run_tiles(
    thread,
    threads,
    m,
    tiles,
    sizes,
    lay,
    method,
    states,
    rates,
    current,
    feed,
    cell,
    taps,
    edge,
    step,
    saves,
    settle,
    found,
):
    """This thread's tiles: every so-manieth. What they found is summed up in `found[thread]`."""
    found[thread, :] = 0
    for n in range(thread, tiles.shape[0], threads):
        q = tiles[n]
        tile = Tile(q[0], q[1], q[2], q[3], q[4], q[5], q[6], q[7], q[8], q[9], q[10] != 0, q[11] != 0)
        if can_sweep(tile, sizes, method, cell, taps, saves, settle):
            largest, largest_place, speed, peak = np.int64(0), 0, np.int64(0), np.int64(0)
            worst, place = sweep_tile(
                m, tile, sizes, method, states[current], rates[current], feed, cell, taps, edge, step,
                states[1 - current], rates[1 - current],
            )  # fmt: skip
        else:
            worst, place, largest, largest_place, speed, peak = step_tile(
                m, tile, sizes, lay, method, states[current], rates[current], feed, cell, taps, edge, step,
                states[1 - current], rates[1 - current], saves, settle,
            )  # fmt: skip
        if worst > found[thread, 0] or (worst == found[thread, 0] and place < found[thread, 1]):
            found[thread, 0], found[thread, 1] = worst, place
        if largest > found[thread, 2] or (largest == found[thread, 2] and largest_place < found[thread, 3]):
            found[thread, 2], found[thread, 3] = largest, largest_place
        found[thread, 4] = max(found[thread, 4], speed)
        found[thread, 5] = max(found[thread, 5], peak)


@njit(cache=True, nogil=True, error_model="numpy")
def gather(found):
    """The worst of all threads; of equals the first cell, so that the number of threads makes no difference."""
    worst, place, largest, largest_place = found[0, 0], found[0, 1], found[0, 2], found[0, 3]
    speed, peak = found[0, 4], found[0, 5]
    for n in range(1, found.shape[0]):
        if found[n, 0] > worst or (found[n, 0] == worst and found[n, 1] < place):
            worst, place = found[n, 0], found[n, 1]
        if found[n, 2] > largest or (found[n, 2] == largest and found[n, 3] < largest_place):
            largest, largest_place = found[n, 2], found[n, 3]
        speed, peak = max(speed, found[n, 4]), max(peak, found[n, 5])
    return from_bits(worst), place, from_bits(largest), largest_place, from_bits(speed), from_bits(peak)


@njit(cache=True, nogil=True, error_model="numpy")
def advance_adaptive(
    thread,
    threads,
    sync,
    tries,
    m,
    tiles,
    sizes,
    lay,
    method,
    states,
    rates,
    feed,
    cell,
    taps,
    edge,
    step,
    saves,
    settle,
    found,
    numbers,
    counts,
    exponent,
):
    """Steps until the end, a failure, or so many tries."""
    h = numbers[H]
    end = numbers[STOP]
    for attempt in range(tries + 1):
        if thread == 0:
            t = numbers[T]
            if attempt == tries and counts[STATUS] == RUNNING:
                counts[STATUS] = PAUSED
            if counts[STATUS] == RUNNING:
                h = numbers[H]
                last = t + h >= end * (1 - 1e-12)
                if last:
                    h = end - t
                after = end if last else t + h
                set_weights(method, step, h, t)
                set_saves(method, saves, counts[NEXT_SAVE], t, h, after)
        meet(sync, threads)
        if counts[STATUS] != RUNNING:
            return
        run_tiles(
            thread,
            threads,
            m[thread],
            tiles,
            sizes,
            lay,
            method,
            states,
            rates,
            counts[CURRENT],
            feed,
            cell,
            taps,
            edge,
            step,
            saves,
            settle,
            found,
        )
        meet(sync, threads)
        if thread == 0:
            error, where, _, _, speed, peak = gather(found)
            counts[TRIES] += 1
            counts[WHERE] = where
            numbers[RATIO] = error
            if settle.bound > 0.0 and speed <= settle.bound:
                counts[STATUS] = SETTLED  # at the start of this step: it is not taken
                continue
            if not np.isfinite(error):
                factor, accepted = 0.1, False
            else:
                factor = SAFETY * max(error, 1e-10) ** -exponent * numbers[LAST_ERROR] ** BETA
                factor = min(max(factor, SHRINK), GROW)
                accepted = error <= 1.0
                if not accepted:
                    factor = min(factor, 0.9)
                elif counts[REFUSED] != 0:
                    factor = min(factor, 1.0)
            if accepted:
                numbers[LAST_ERROR] = max(error, 1e-4)
                counts[REFUSED], counts[REJECTIONS] = 0, 0
                counts[CURRENT] = 1 - counts[CURRENT]
                counts[NEXT_SAVE] += saves.now[0]
                numbers[PEAK] = max(numbers[PEAK], peak)
                counts[STEPS] += 1
                numbers[SHORTEST] = min(numbers[SHORTEST], h)
                numbers[LONGEST] = max(numbers[LONGEST], h)
                # Kahan's sum: a memristor may switch in less than the last digit of t
                exact = h + numbers[LOST]
                if last:
                    numbers[T], numbers[LOST] = end, 0.0
                    counts[STATUS] = DONE
                else:
                    total = t + exact
                    numbers[T], numbers[LOST] = total, exact - (total - t)
            else:
                counts[REFUSED] = 1
                counts[REJECTED] += 1
                counts[REJECTIONS] += 1
            numbers[H] = h * factor
            if counts[STATUS] == RUNNING:
                if counts[REJECTIONS] > MAX_REJECTIONS or numbers[H] < SHORTEST_STEP:
                    counts[STATUS] = COLLAPSED
                elif counts[TRIES] >= MAX_STEPS:
                    counts[STATUS] = TOO_MANY


@njit(cache=True, nogil=True, error_model="numpy")
def advance_fixed(
    thread,
    threads,
    sync,
    tries,
    m,
    chains,
    sizes,
    states,
    rates,
    feed,
    cell,
    taps,
    edge,
    saves,
    settle,
    found,
    numbers,
    counts,
    h,
    count,
    limit,
):
    """Equal steps; `chains` are (tiles, layout, method, step) of one step, and of several in one sweep."""
    (tiles, lay, method, step), (tiles_n, lay_n, method_n, step_n) = chains
    end = numbers[STOP]
    several = False
    for attempt in range(tries + 1):
        if thread == 0:
            if attempt == tries and counts[STATUS] == RUNNING:
                counts[STATUS] = PAUSED
            if counts[STATUS] == RUNNING:
                n = counts[STEPS]
                t = n * h
                # the last step is cut to the end, and so comes alone
                ahead = (n + method_n.steps) * h
                first = counts[NEXT_SAVE]
                next_save = saves.times[first] if first < saves.times.size else end
                several = (
                    method_n.steps > 1
                    and n + method_n.steps < count
                    and ahead <= next_save * (1 + 1e-13)
                    and settle.bound == 0.0
                )
                if several:
                    set_weights(method_n, step_n, h, t)
                    saves.now[0], saves.now[1] = 0, first
                    if ahead >= next_save * (1 - 1e-13) and first < saves.times.size:
                        saves.now[0] = 1
                        saves.at_end[0] = True
                    numbers[T] = ahead
                else:
                    after = end if n + 1 >= count else (n + 1) * h
                    set_weights(method, step, after - t, t)
                    set_saves(method, saves, first, t, after - t, after * (1 + 1e-13))
                    numbers[T] = after
                    numbers[SHORTEST] = min(numbers[SHORTEST], after - t)
                numbers[LONGEST] = max(numbers[LONGEST], min(h, end))
                counts[REFUSED] = several
        meet(sync, threads)
        if counts[STATUS] != RUNNING:
            return
        if counts[REFUSED] != 0:
            run_tiles(
                thread,
                threads,
                m[thread],
                tiles_n,
                sizes,
                lay_n,
                method_n,
                states,
                rates,
                counts[CURRENT],
                feed,
                cell,
                taps,
                edge,
                step_n,
                saves,
                settle,
                found,
            )
        else:
            run_tiles(
                thread,
                threads,
                m[thread],
                tiles,
                sizes,
                lay,
                method,
                states,
                rates,
                counts[CURRENT],
                feed,
                cell,
                taps,
                edge,
                step,
                saves,
                settle,
                found,
            )
        meet(sync, threads)
        if thread == 0:
            _, _, largest, where, speed, peak = gather(found)
            counts[TRIES] += 1
            counts[WHERE] = where
            numbers[RATIO] = largest
            if settle.bound > 0.0 and speed <= settle.bound:
                numbers[T] = counts[STEPS] * h
                counts[STATUS] = SETTLED
                continue
            counts[CURRENT] = 1 - counts[CURRENT]
            counts[NEXT_SAVE] += saves.now[0]
            numbers[PEAK] = max(numbers[PEAK], peak)
            counts[STEPS] += method_n.steps if several else 1
            if several:
                numbers[SHORTEST] = min(numbers[SHORTEST], h)
            if not np.isfinite(largest):
                counts[STATUS] = NOT_FINITE
            elif largest > limit:
                counts[STATUS] = RAN_AWAY
            elif counts[STEPS] >= count:
                counts[STATUS] = DONE
