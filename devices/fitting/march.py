# mypy: disable-error-code="no-untyped-def"
"""The state of a memristor under a measured voltage, and how it depends on the parameters.

dx/dt = rate(v(t), x) is integrated with v linear between samples, x held to [0, 1], by the five-stage diagonally
implicit Runge-Kutta method of order 4 of Hairer & Wanner, Solving Ordinary Differential Equations II, table 6.5:
L-stable and stiffly accurate, since rates span 26 decades. A stage that would leave [0, 1] is put on the border. The
derivatives by the parameters and by the state at the start are those of the very same steps, stage by stage, so least
squares gets an exact Jacobian. `device_code` compiles the text below the mark together with a device's equations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

rate_and_slope: Any = None  # of the device, in the compiled module
rate_by_parameters: Any = None

# --- compiled from here on ---
GAMMA = 0.25
STAGES = 5
NODES = np.array([1 / 4, 3 / 4, 11 / 20, 1 / 2, 1.0])
WEIGHTS = np.array(
    [
        [0.0, 0.0, 0.0, 0.0],
        [1 / 2, 0.0, 0.0, 0.0],
        [17 / 50, -1 / 25, 0.0, 0.0],
        [371 / 1360, -137 / 2720, 15 / 544, 0.0],
        [25 / 24, -49 / 48, 125 / 16, -85 / 12],
    ]
)
ERROR = np.array([-3 / 16, -27 / 32, 25 / 32, 0.0, 1 / 4])  # order 4 less the embedded order 3
# The first node is at a quarter: a threshold passed before it leaves no trace in the stages. So a second estimate
# weighs the rate at the start of the step against the stages: the shortest one that vanishes up to order 3.
_CONDITIONS = np.array([np.ones(STAGES), NODES, NODES**2, GAMMA * NODES + WEIGHTS @ NODES[:4]])
START = 0.1
FROM_START = np.linalg.lstsq(_CONDITIONS, np.array([START, 0.0, 0.0, 0.0]), rcond=None)[0]

DONE, TOO_MANY_STEPS, NOT_FINITE = 0, 1, 2
MAX_STEPS = 1_000_000
CLOSE = 1e-9  # to 0 or 1: within it, the state is put there
SHORTEST = 1e-13  # of the time between two samples: below, time itself is no longer resolved
LEAST, MOST = 1e-300, 1.0 - 2.0**-53  # next to 0 and 1, where the rate is not yet held back


@njit(cache=True, error_model="numpy")
def stage(v, x, r, hg, p):
    """X = r + hg rate(v, X), sought from x, held to [0, 1].

    Returns X, 1 - hg drate/dX (0 on the border), and whether it was found.
    """
    X = min(max(x, LEAST), MOST)
    for _ in range(12):
        g, slope = rate_and_slope(v, X, p)
        excess = X - r - hg * g
        steep = 1.0 - hg * slope
        if X == LEAST and excess >= 0.0:
            return 0.0, 0.0, True
        if X == MOST and excess <= 0.0:
            return 1.0, 0.0, True
        if not steep > 0.2:  # so strong a feedback wants a shorter step
            return X, 1.0, False
        new = min(max(X - excess / steep, LEAST), MOST)
        if abs(new - X) <= 1e-14 + 1e-11 * abs(X) and LEAST < new < MOST:
            return new, steep, True
        X = new
    return X, 1.0, False


@njit(cache=True, error_model="numpy")
def jump(v, x, h, p):
    """A step of the implicit Euler method that never fails: what the state comes to within the shortest time."""
    found, steep, fine = stage(v, x, x, h, p)
    if fine:
        return found, steep
    low = min(max(x, LEAST), MOST)
    upwards = rate_and_slope(v, low, p)[0] > 0.0
    high = MOST if upwards else LEAST
    g = rate_and_slope(v, high, p)[0]
    if not np.isfinite(g):
        return np.nan, 1.0
    if (upwards and high - x - h * g <= 0.0) or (not upwards and high - x - h * g >= 0.0):
        return (1.0, 0.0) if upwards else (0.0, 0.0)
    for _ in range(200):
        middle = 0.5 * (low + high)
        excess = middle - x - h * rate_and_slope(v, middle, p)[0]
        if (excess < 0.0) == upwards:
            low = middle
        else:
            high = middle
    return high, max(1.0 - h * rate_and_slope(v, high, p)[1], 0.2)


@njit(cache=True, error_model="numpy")
def attempt(v0, ramp, x, h, start, p, rtol, atol, X, K, steep):
    """The stages of a step of length h under v0 + ramp s: were all found, is one on a border, and the error.

    `start` is the rate at the start; the error is in units of the tolerance.
    """
    border = False
    for i in range(STAGES):
        r = x
        for j in range(i):
            r += h * WEIGHTS[i, j] * K[j]
        X[i], steep[i], found = stage(v0 + ramp * NODES[i] * h, X[i - 1] if i else x, r, h * GAMMA, p)
        if not found:
            return False, False, np.inf
        border = border or steep[i] == 0.0
        K[i] = (X[i] - r) / (h * GAMMA)
    error, early = 0.0, -START * h * start
    for i in range(STAGES):
        error += h * ERROR[i] * K[i]
        early += h * FROM_START[i] * K[i]
    calm = max(steep[STAGES - 1], 1.0)  # what a stiff rate soon forgets is no error
    error = max(abs(error) / calm, abs(early) / calm**2)
    return True, border, error / (atol + rtol * max(abs(x), abs(X[STAGES - 1])))


@njit(cache=True, error_model="numpy")
def carry(v0, ramp, h, p, free, X, steep, by, along, of_rate):
    """Take the derivatives `by` through the step whose stages are X."""
    for i in range(STAGES):
        if steep[i] > 0.0:
            rate_by_parameters(v0 + ramp * NODES[i] * h, X[i], p, of_rate)
        for n in range(by.size):
            before = by[n]
            for j in range(i):
                before += h * WEIGHTS[i, j] * along[j, n]
            after = 0.0  # on a border nothing moves it
            if steep[i] > 0.0:
                push = of_rate[free[n - 1]] if n else 0.0
                after = (before + h * GAMMA * push) / steep[i]
            along[i, n] = (after - before) / (h * GAMMA)
    for n in range(by.size):  # the last stage is the end of the step
        for j in range(STAGES - 1):
            by[n] += h * WEIGHTS[STAGES - 1, j] * along[j, n]
        by[n] += h * GAMMA * along[STAGES - 1, n]


@njit(cache=True, error_model="numpy")
def carry_jump(v, x, h, p, free, steep, by, of_rate):
    """Take the derivatives through a step of the implicit Euler method that ended at x."""
    if steep == 0.0:
        by[:] = 0.0
        return
    rate_by_parameters(v, x, p, of_rate)
    by[0] /= steep
    for n in range(free.size):
        by[1 + n] = (by[1 + n] + h * of_rate[free[n]]) / steep


@njit(cache=True, error_model="numpy")
def march(time, voltage, x0, p, free, rtol, atol, state, slopes):
    """Fill state[k] = x(time[k]) and slopes[k] = its derivatives by x0 and by the parameters `free`.

    `slopes` of no columns asks for none. Returns a status, and the number of the sample it got to.
    """
    count = slopes.shape[1]
    X, K, steep = np.empty(STAGES), np.empty(STAGES), np.empty(STAGES)
    by, along = np.zeros(count), np.empty((STAGES, count))  # dx/d(unknown) and dK/d(unknown)
    of_rate = np.empty(p.size)
    x, h, steps = x0, np.inf, 0
    if count:
        by[0] = 1.0
    state[0] = x
    slopes[0] = by
    for k in range(time.size - 1):
        span = time[k + 1] - time[k]
        ramp = (voltage[k + 1] - voltage[k]) / span
        s = 0.0
        h = h if span <= 0.0 else min(h, span)  # a step of the voltage takes no time
        start = rate_and_slope(voltage[k], x, p)[0]
        while s < span:
            steps += 1
            if steps > MAX_STEPS:
                return TOO_MANY_STEPS, k
            if s + 1.0001 * h >= span:
                h = span - s
            v = voltage[k] + ramp * s
            found, border, error = attempt(v, ramp, x, h, start, p, rtol, atol, X, K, steep)
            if border and 0.0 < x < 1.0 and start != 0.0:
                # a step does not lead onto a border: the last one ends next to it
                room = x if start < 0.0 else 1.0 - x
                if room <= CLOSE:
                    x, start = 0.0 if start < 0.0 else 1.0, 0.0
                    by[:] = 0.0
                    continue
                found, factor = False, min(max(0.9 * room / (abs(start) * h), 0.1), 0.5)
            else:
                factor = 0.9 * max(error, 1e-8) ** -0.25 if found else 0.1
            if found and error <= 1.0:
                x = X[STAGES - 1]
                if count:
                    carry(v, ramp, h, p, free, X, steep, by, along, of_rate)
            elif h > SHORTEST * span:
                h = max(h * min(max(factor, 0.1), 0.8), SHORTEST * span)
                continue
            else:
                x, bend = jump(v + ramp * h, x, h, p)
                if count:
                    carry_jump(v + ramp * h, x, h, p, free, bend, by, of_rate)
                factor = 4.0
            if not np.isfinite(x):
                return NOT_FINITE, k
            s = span if s + h >= span else s + h
            start = rate_and_slope(voltage[k] + ramp * s, x, p)[0]
            h *= min(max(factor, 0.2), 8.0)
        state[k + 1] = x
        slopes[k + 1] = by
    return DONE, time.size - 1
