"""What the machine can do at most, measured by small numba loops, and how far from it a rate is.

Roofline model: S. Williams, A. Waterman, D. Patterson, Communications of the ACM 52(4), 65-76 (2009). What one cell
needs for one step, counted in the equations (an fma is two operations; min, max, add and multiply are one each; writes
count once, as the line written was read just before):

    step                    operations                                          bytes, when nothing stays in the cache
    Euler, plain, single    9 taps 18, output 2, update 3              = 23     v read and written, feed: 3 x 4 = 12
    Euler, TaOx, double     as above 23, and 5 exponentials: root path, two     v, x read and written, feed: 5 x 8 = 40
                            sinh, SET and RESET, each cell both (no jumps);
                            around them about 60, with 7 divisions and a root
    dopri5, plain, double   6 rates 6 x 22, 20 + 6 fma of the stages 52,        v, k1 read and written, feed: 5 x 8 = 40
                            error 12 + 6                               = 202    (stages apart: 39 x 8 = 312)

`python -m benchmarks.roofline` prints the machine's limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import njit, prange

from cellnn.devices.codegen.fast_math import exp

CHAIN = 16
"""Multiply-adds between a load and a store: enough for arithmetic, not memory, to be what is timed."""


@dataclass(frozen=True)
class Work:
    """What one cell needs for one step."""

    operations: float
    bytes: float
    exponentials: float = 0.0
    double: bool = True


WORK = {
    "Euler, plain, single": Work(23, 12, double=False),
    "Euler, TaOx, double": Work(83, 40, 5),
    "dopri5, plain, double": Work(202, 40),
}


@njit(cache=True, parallel=True, error_model="numpy")
def _triad(a, b, c, factor, repeats):  # type: ignore[no-untyped-def]
    """A = b + factor c; arrays are (threads, elements), so that in small ones a thread stays in its own cache."""
    for thread in prange(a.shape[0]):
        out, left, right = a[thread], b[thread], c[thread]
        for n in range(repeats):
            f = factor + n
            for i in range(out.size):
                out[i] = left[i] + f * right[i]


@njit(cache=True, parallel=True, error_model="numpy", fastmath={"contract"})
def _chains(x, factor, offset, repeats):  # type: ignore[no-untyped-def]
    """Multiply-adds in eight chains at a time, as many as two units of four cycles' latency can work on."""
    for thread in prange(x.shape[0]):
        s, t, u, v = x[thread, 0], x[thread, 1], x[thread, 2], x[thread, 3]
        w, p, q, r = x[thread, 4], x[thread, 5], x[thread, 6], x[thread, 7]
        for _ in range(repeats):
            for i in range(s.size):
                a, b, c, d, e, f, g, h = s[i], t[i], u[i], v[i], w[i], p[i], q[i], r[i]
                for _ in range(CHAIN):
                    a, b, c, d = a * factor + offset, b * factor + offset, c * factor + offset, d * factor + offset
                    e, f, g, h = e * factor + offset, f * factor + offset, g * factor + offset, h * factor + offset
                s[i], t[i], u[i], v[i], w[i], p[i], q[i], r[i] = a, b, c, d, e, f, g, h


@njit(cache=True, parallel=True, error_model="numpy", fastmath={"contract"})
def _exponentials(x, y, repeats):  # type: ignore[no-untyped-def]
    for thread in prange(x.shape[0]):
        values, out = x[thread], y[thread]
        for n in range(repeats):
            shift = 1e-3 * n
            for i in range(values.size):
                out[i] = exp(values[i] - shift)


def _best(call: Callable[[], Any]) -> float:
    """Seconds of the fastest of some calls: a limit is what the machine can do when left alone."""
    call()
    found = []
    for _ in range(10):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def bandwidth(total: int) -> float:
    """Bytes per second of a triad over three float64 arrays of `total` bytes in all, on all threads."""
    threads = numba.get_num_threads()
    a, b, c = (np.full((threads, total // (24 * threads)), value) for value in (0.0, 1.0, 2.0))
    repeats = max(1, int(5e8 / total))
    return repeats * 3 * a.nbytes / _best(lambda: _triad(a, b, c, 3.0, repeats))


def operations(kind: type[np.floating]) -> float:
    """Operations per second of multiply-adds (two each) on all threads."""
    x = np.full((numba.get_num_threads(), 8, 128), 0.5, kind)
    repeats = 3000
    return repeats * x.size * CHAIN * 2 / _best(lambda: _chains(x, kind(0.5), kind(0.25), repeats))


def exponentials() -> float:
    """Evaluations per second, in double, of the exponential that the project's generated code uses."""
    x = np.tile(np.linspace(-5, 5, 1024), (numba.get_num_threads(), 1))
    y = np.empty_like(x)
    return 2000 * x.size / _best(lambda: _exponentials(x, y, 2000))


def machine() -> dict[str, float]:
    """The limits: bytes/s by where the data lie, operations/s and exponentials/s; a few seconds' measurement."""
    return {
        "bytes_per_s_in_cache": bandwidth(400_000),
        "bytes_per_s_in_8_MB": bandwidth(8_000_000),
        "bytes_per_s_in_memory": bandwidth(400_000_000),
        "double_operations_per_s": operations(np.float64),
        "single_operations_per_s": operations(np.float32),
        "exponentials_per_s": exponentials(),
    }


def limits(work: Work, found: dict[str, float]) -> dict[str, float]:
    """Cell-steps per second that arithmetic allows, exponentials among it as they take the same units, and that memory
    does where the array streams from it in each step."""
    rate = found["double_operations_per_s" if work.double else "single_operations_per_s"]
    busy = work.operations / rate + work.exponentials / found["exponentials_per_s"]
    return {"arithmetic": 1 / busy, "memory": found["bytes_per_s_in_memory"] / work.bytes}


def note(name: str, rate: float, found: dict[str, float]) -> str:
    """A sentence for a page: a measured rate (cell-steps/s) beside its limits."""
    bounds = ", ".join(
        f"{limit * 1e-9:.3g} by {cause} ({100 * rate / limit:.0f} %)"
        for cause, limit in limits(WORK[name], found).items()
    )
    return f"{name}: {rate * 1e-9:.3g} G cell-steps/s; the machine's limits are {bounds}."


if __name__ == "__main__":
    measured = machine()
    for what, value in measured.items():
        print(f"{what:28} {value * 1e-9:8.3g} G")
    for step, needed in WORK.items():
        text = ", ".join(f"{cause} {limit * 1e-9:.3g}" for cause, limit in limits(needed, measured).items())
        print(f"{step:28} G cell-steps/s: {text}")
