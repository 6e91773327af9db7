"""How far two sets of waveforms are apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tolerance:
    """Differences count in units of reltol |v| + abstol V1 (of memristor states: reltol x + abstol)."""

    reltol: float = 1e-3
    abstol: float = 1e-5


def rms_normalised(ours: Array, theirs: Array, tolerance: Tolerance, unit: float) -> Array:
    """The measure of Xyce's regression tests (xyce_verify), by cell: the root of the mean over time of the squares of

        |ours - theirs| / (reltol |theirs| + abstol unit).

    Waveforms are (times, ...). Below 1 they agree.
    """
    scale = tolerance.reltol * np.abs(theirs) + tolerance.abstol * unit
    return np.sqrt(np.mean(((ours - theirs) / scale) ** 2, axis=0))
