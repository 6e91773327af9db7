"""What an engine returns: the states at the requested times, and what it took to get them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[float], None]
"""Called now and then with the share of the run that is done, 0 to 1."""


@dataclass
class Statistics:
    """What a run took. In a batch: counts over all samples, the shortest and the longest step of any."""

    method: str
    why: str = ""
    """How the method came to be: asked for in the spec, or what made `adaptive` choose it."""
    engine: str = "compiled"
    """Which code ran: compiled, batched, torch or noise."""
    steps: int = 0
    rejected: int = 0
    evaluations: int = 0
    shortest_step: float = math.inf
    longest_step: float = 0.0

    def count(self, h: float) -> None:
        """Count an accepted step h [s]."""
        self.steps += 1
        self.shortest_step, self.longest_step = min(self.shortest_step, h), max(self.longest_step, h)


@dataclass(frozen=True)
class Trajectories:
    """States and outputs at the saved times.

    times [s] (n,); states (states, samples, n, channels, rows, columns): v [V], x [1]; outputs [V]
    (samples, n, channels, rows, columns); settling [s] (samples, channels, rows, columns) where the run was to end
    when settled: since when |dv/dt| of the cell stayed below the bound, NaN where it never did; `largest` is a bound of
    |v| [V] over all of them, infinite where the engine has not looked.
    """

    times: NDArray[np.float64]
    states: NDArray[np.floating]
    outputs: NDArray[np.floating]
    statistics: Statistics
    settling: NDArray[np.float64] | None = None
    largest: float = math.inf


def ended(found: Trajectories) -> Trajectories:
    """A run that ended early: times after the last sample has settled are left out, that of settling is the last."""
    if found.settling is None or np.isnan(found.settling).any():
        return found
    end = float(found.settling.max())
    if end >= found.times[-1]:
        return found
    # what is saved after the end is the settled state
    kept = int(np.searchsorted(found.times, end, side="right"))
    times = np.append(found.times[:kept], end) if found.times[kept - 1] < end else found.times[:kept]
    states, outputs = found.states[:, :, : len(times)], found.outputs[:, : len(times)]
    return replace(found, times=times, states=states, outputs=outputs)
