"""When a run has settled: its states at rest, its output at what it will be read as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .waveforms import Waveforms

Array = NDArray[np.floating[Any]]
MOST = 0.99
"""Share of the cells that have to be at rest for an array to be."""


@dataclass(frozen=True)
class Settling:
    """Of one run. Times are in s, from its start; between saved times they are interpolated."""

    resting: float
    """Share of the cells whose |dv/dt| at the end is below the share of V1/RC."""
    rest: float | None
    """Since when `MOST` of the cells are; None where fewer ever are."""
    output: float
    """Since when the outputs, all together, are within the share of their values at the end, by their rms."""


def settling_of(waves: Waveforms, share: float) -> Settling:
    """Of a run: |dv/dt| below share V1/RC, and |y - y(stop)| below share |y(stop)|."""
    since = since_below(waves.times, np.abs(waves.slopes), share)
    resting = float(np.isfinite(since).mean())
    rest = float(np.quantile(since, MOST, method="higher")) if resting >= MOST else np.inf
    y = waves.outputs.astype(np.float64)
    distance = np.sqrt(np.square(y - y[-1]).sum(axis=(1, 2, 3)))
    last = float(np.sqrt(np.square(y[-1]).sum()))
    output = float(since_below(waves.times, distance, share * last)) if last else 0.0
    return Settling(resting, rest if np.isfinite(rest) else None, output)


def since_below(times: NDArray[np.float64], values: Array, bound: float) -> Array:
    """Since when values (times, ..) stay at or below the bound, (..): 0 where they always are, infinite where they are
    not at the end."""
    above = values > bound
    last = len(times) - 1 - np.argmax(above[::-1], axis=0)  # of those above; the very last where none is
    after = np.minimum(last + 1, len(times) - 1)
    high, low = (np.take_along_axis(values, k[None], axis=0)[0].astype(np.float64) for k in (last, after))
    step = np.where(high > low, (high - bound) / np.where(high > low, high - low, 1.0), 0.0)
    found = times[last] + step * (times[after] - times[last])
    found = np.where(above.any(axis=0), found, 0.0)
    return np.asarray(np.where(above[-1], np.inf, found))
