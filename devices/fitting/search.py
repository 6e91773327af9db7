"""The minimum, sought from several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from ..errors import CellnnError
from .misfit import residual_slope, residuals
from .prediction import Predictor
from .unknowns import plan_values

CANDIDATES = 64
"""Points looked at before the first descent."""
WIDTHS = (0.3, 1.0, 2.3)
"""How far they lie from the start: in e-folds, or in half start values where the scale is linear."""
STATES = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Starting states looked at for each of them."""
SHORT, LONG = 60, 1000
"""Evaluations in a descent, and in the last one."""
TOLERANCE = 1e-8
ENOUGH = 1e-4
"""A step that lowers chi squared by less than this ends a descent: parameters that the data do not determine lead along
valleys that go on for ever."""

Loss = Literal["linear", "soft_l1"]
Progress = Callable[[str, float], object]


@dataclass
class Misfit:
    """Residuals (points,) of a predictor on the scale i0 [A] and their exact derivatives by z; NaN where it fails."""

    predictor: Predictor
    i0: float

    def __post_init__(self) -> None:
        self.measured = np.concatenate([trace.current for trace in self.predictor.measurements.traces])
        self._at: tuple[bytes, NDArray[Any], NDArray[Any]] | None = None

    def residuals(self, z: NDArray[Any]) -> NDArray[Any]:
        """The residuals."""
        return self._both(z)[0]

    def jacobian(self, z: NDArray[Any]) -> NDArray[Any]:
        """(points, unknowns): their derivatives."""
        return self._both(z)[1]

    def _both(self, z: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        if self._at is None or self._at[0] != z.tobytes():
            try:
                current, matrix = self.predictor.all(z, slopes=True)
                errors = residuals(current, self.measured, self.i0)
                matrix = matrix * residual_slope(current, self.i0)[:, None]
            except CellnnError:
                errors = np.full(self.measured.size, np.nan)
                matrix = np.zeros((errors.size, z.size))
            self._at = z.tobytes(), errors, np.nan_to_num(matrix, nan=0.0, posinf=1e150, neginf=-1e150)
        return self._at[1], self._at[2]


def descend(misfit: Misfit, z: NDArray[Any], loss: Loss, margin: float, evaluations: int) -> OptimizeResult | None:
    """SciPy's trust region reflective least squares from z; None where the model cannot be evaluated."""
    low, high = np.transpose([one.bounds for one in misfit.predictor.plan.unknowns])
    z = np.clip(z, low, high)
    if not np.isfinite(misfit.residuals(z)).all():
        return None
    try:
        return least_squares(
            misfit.residuals,
            z,
            misfit.jacobian,
            (low, high),
            loss=loss,
            f_scale=margin,
            x_scale=1.0,
            ftol=max(ENOUGH / misfit.measured.size, 1e-9),  # chi squared is about the number of points
            xtol=TOLERANCE,
            gtol=TOLERANCE,
            max_nfev=evaluations,
        )
    except (ValueError, np.linalg.LinAlgError):  # it ran to where nothing is finite
        return None


def candidates(misfit: Misfit, seed: int, count: int) -> list[NDArray[Any]]:
    """The `count` best of many points around the start, the start itself first; best x0 for each of them."""
    plan = misfit.predictor.plan
    rng = np.random.default_rng(seed)
    start = np.array([one.coordinate(one.start) for one in plan.unknowns])
    half = np.array([1.0 if one.log else 0.5 for one in plan.unknowns])
    points = [start]
    for k in range(CANDIDATES - 1):
        points.append(start + half * WIDTHS[k % len(WIDTHS)] * rng.uniform(-1, 1, start.size))
    low, high = np.transpose([one.bounds for one in plan.unknowns])
    rated = [_best_states(misfit, np.clip(z, low, high)) for z in points]
    others = sorted(rated[1:], key=lambda pair: pair[0])
    return [rated[0][1], *(z for _, z in others[: count - 1])]


def _best_states(misfit: Misfit, z: NDArray[Any]) -> tuple[float, NDArray[Any]]:
    """The cost of z and z, its unknown x0 replaced by the best of STATES."""
    predictor, plan = misfit.predictor, misfit.predictor.plan
    p, x0 = plan_values(plan, z)
    total, column = 0.0, len(plan.free)
    z = z.copy()
    for trace, given, known in zip(predictor.measurements.traces, x0, plan.x0, strict=True):
        costs = []
        choices = STATES if known is None else (given,)
        for state in choices:
            try:
                current, _, _ = predictor.trace(trace, p, state)
                errors = residuals(current, trace.current, misfit.i0)
                # far from the minimum, a point that is off by decades tells little more than one that is off by one
                cost = float(np.sum(np.sqrt(1 + errors**2) - 1))
            except CellnnError:
                cost = np.inf
            costs.append(cost if np.isfinite(cost) else np.inf)
        best = int(np.argmin(costs))
        total += costs[best]
        if known is None:
            z[column] = choices[best] / plan.unknowns[column].scale
            column += 1
    return total, z
