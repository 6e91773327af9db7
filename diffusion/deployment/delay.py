"""Amplifiers answer late: what that does to the cells their outputs feed, step by step of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...circuits.array import CellArray
from ...circuits.hardware.amplified import Amplified
from ...circuits.hardware.own_cell import own_cell
from ...simulator.feed import own_feed

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Delay:
    """To first order in the delay T, cells that read y(t - T) read y(t) - T dy/dt: over a step from t1 to t2 this moves
    v by  -T / (R C') A (y(t2) - y(t1)), C' being C with what the amplifiers add, of which as much is left at the end
    of the step as of a charge that came in evenly. An error in proportion to T times the step remains.
    """

    array: CellArray
    left: Array | float
    """T / (R C') times the share that is left, a number or (1, channels, rows, columns)."""
    dtype: Any
    threads: int

    @classmethod
    def of(cls, array: CellArray, step: float, dtype: Any = np.float64, threads: int = 1) -> Delay | None:
        """Of steps [s]; None where amplifiers are ideal."""
        if not isinstance(array.cell, Amplified):
            return None
        cell: Any = own_cell(array)
        RC = cell.time_constant
        decay = step / RC
        return cls(array, array.cell.delay / RC * -np.expm1(-decay) / decay, dtype, threads)

    def moved(self, before: Array, after: Array) -> Array:
        """What a step adds to v [V], where outputs [V] (samples, channels, rows, columns) went from `before` to
        `after`: only the neighbourhood's change counts, not what lies beyond a fixed edge."""
        return -self.left * self._fed((after - before).astype(self.dtype))

    def _fed(self, change: Array) -> Array:
        array, own = self.array, self.array.own
        height, width = array.template.A.shape[-2:]
        padded = replace(array.boundary, value=0.0).pad(change, height // 2, width // 2)
        if own is not None and own.A is not None:
            return own_feed(padded, np.asarray(own.A, self.dtype), self.threads)
        import torch

        A = torch.tensor(array.template.A.astype(self.dtype))
        return np.asarray(torch.nn.functional.conv2d(torch.from_numpy(np.ascontiguousarray(padded)), A).numpy())
