"""The currents a model predicts for the measurements, and their derivatives by all unknowns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .device_code import DeviceCode, device_code
from .measurements import Measurements, Trace
from .unknowns import Plan, plan_values


@dataclass(frozen=True)
class Predictor:
    """Predictions of a plan for the measurements it was made for."""

    plan: Plan
    measurements: Measurements

    @property
    def code(self) -> DeviceCode:
        """The model's compiled equations."""
        return device_code(self.plan.device)

    def trace(self, trace: Trace, p: NDArray[Any], x0: float, slopes: bool = False) -> tuple[Any, Any, Any]:
        """Current [A] (n,), state (n,), and (n, 1 + free) d(current)/d(x0) and by the free parameters (or None)."""
        free = np.array(self.plan.free)
        by = None
        if trace.time is not None:
            x, by = self.code.states(trace.time, trace.voltage, x0, p, free, slopes)
        else:
            x = trace.x if trace.x is not None else np.full(trace.voltage.size, x0)
        current, gradient = self.code.currents(trace.voltage, x, p, slopes)
        if not slopes:
            return current, x, None
        result = np.empty((x.size, 1 + free.size))
        result[:, 0] = gradient[:, 0] if trace.x is None else 0.0
        result[:, 1:] = gradient[:, 1 + free]
        if by is not None:
            result[:, 0] *= by[:, 0]
            result[:, 1:] += gradient[:, :1] * by[:, 1:]
        return current, x, result

    def all(self, z: Sequence[float] | NDArray[Any], slopes: bool = False) -> tuple[NDArray[Any], NDArray[Any]]:
        """The currents (points,) of all traces in turn, and (points, unknowns) their derivatives by z."""
        p, x0 = plan_values(self.plan, z)
        count = len(self.plan.unknowns)
        current = np.empty(self.measurements.points)
        matrix = np.zeros((current.size if slopes else 0, count))
        values = [one.value(c) for one, c in zip(self.plan.unknowns, z, strict=True)]
        chain = np.array([one.slope(value) for one, value in zip(self.plan.unknowns, values, strict=True)])
        first, column = 0, len(self.plan.free)
        for trace, start, known in zip(self.measurements.traces, x0, self.plan.x0, strict=True):
            part = slice(first, first + trace.current.size)
            current[part], _, by = self.trace(trace, p, start, slopes)
            if slopes:
                matrix[part, : len(self.plan.free)] = by[:, 1:]
                if known is None:
                    matrix[part, column] = by[:, 0]
            column += known is None
            first = part.stop
        return current, matrix * chain
