"""Circuits that ran: what measures are taken from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..circuits.array import CellArray
from ..circuits.circuit import Circuit

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class LayerRan:
    """One layer of one chip. times [s] (n,); states (states, samples, n, channels, rows, columns): v [V], x [1];
    outputs [V] (samples, n, channels, rows, columns); settling [s] (samples, channels, rows, columns), NaN where a cell
    never rests, None where nothing asked."""

    array: CellArray
    times: NDArray[np.float64]
    states: Array
    outputs: Array
    settling: Array | None


@dataclass(frozen=True, eq=False)
class Ran:
    """A circuit's layers, and what is read at the end, in units of V1, (samples, channels, rows, columns)."""

    circuit: Circuit
    layers: tuple[LayerRan, ...]
    read: Array
