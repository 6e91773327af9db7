"""How fast cells change, where a run is to end when they rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..circuits.cells import CellCircuit

Array = NDArray[np.floating]


def fastest_change(cell: CellCircuit, rate_of: Callable[[int], Array]) -> Array:
    """The largest |rate| [V/s] of each cell's states, as `CellCircuit.settling` counts them; `rate_of(n)` gives the
    rates of the n-th state."""
    counted = [(n, factor) for n, factor in enumerate(cell.settling()) if factor > 0.0]
    changes = [np.abs(rate_of(n)) if factor == 1.0 else factor * np.abs(rate_of(n)) for n, factor in counted]
    return np.maximum.reduce(changes) if len(changes) > 1 else changes[0]
