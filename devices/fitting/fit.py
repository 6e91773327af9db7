"""A memristor's parameters from measurements: the entry point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult

from ..errors import CellnnError, InputError
from ..memristor import Memristor
from ..parameter import parameters_of
from ..registry import make_memristor
from .measurements import Measurements
from .misfit import first_scale, likely_scale, robust_deviation
from .prediction import Predictor
from .search import LONG, SHORT, Loss, Misfit, Progress, candidates, descend
from .uncertainty import Uncertainty, uncertainty
from .unknowns import Plan, plan_values

LOSSES = ("linear", "soft_l1")
MARGIN = 2.0
"""With soft_l1, residuals beyond this many standard deviations count less and less."""
OUTLIERS = 5.0
"""With soft_l1, residuals beyond so many say no more about the scale."""
ROUNDS = 5
"""Descents, at most, until the scale of the residuals has settled."""
SAME = 0.01
"""Starts whose cost is within this share of the best one ended at the same minimum."""


class FitError(CellnnError):
    """The fit found no minimum: the message says what to try."""


@dataclass(frozen=True)
class Fit:
    """What was found. `i0` [A] is the scale of the residuals, `noise` their robust standard deviation (relative noise
    where currents are far above i0), `agreed` how many of `starts` ended at this minimum. Arrays go over all points,
    trace after trace: predicted current [A], state [1], residual [1]."""

    plan: Plan
    measurements: Measurements
    device: Memristor
    x0: tuple[float, ...]
    z: NDArray[Any]
    i0: float
    noise: float
    predicted: NDArray[Any]
    states: NDArray[Any]
    residuals: NDArray[Any]
    uncertainty: Uncertainty
    loss: str
    starts: int
    agreed: int
    seed: int
    given_noise: tuple[float, float] | None

    @property
    def measured(self) -> NDArray[Any]:
        """The measured currents [A], trace after trace."""
        return np.concatenate([trace.current for trace in self.measurements.traces])

    @property
    def r_squared(self) -> float:
        """1 - sum (i - fit)^2 / sum (i - mean)^2, of the currents themselves."""
        total = float(np.sum((self.measured - self.measured.mean()) ** 2))
        return 1 - float(np.sum((self.measured - self.predicted) ** 2)) / total if total > 0 else -math.inf

    @property
    def rms_decades(self) -> float:
        """Root mean square of the residuals, as decades of current."""
        return float(np.sqrt(np.mean(self.residuals**2)) / math.log(10))

    @property
    def chi(self) -> float | None:
        """Root of the reduced chi squared under the given noise: 1 when model and data agree. None without it."""
        if self.given_noise is None:
            return None
        freedom = self.residuals.size - len(self.plan.unknowns)
        return float(np.sqrt(np.sum(self.residuals**2) / freedom) / self.given_noise[0])


def fit_memristor(
    plan: Plan,
    measurements: Measurements,
    *,
    loss: str = "linear",
    noise: tuple[float, float] | None = None,
    starts: int = 8,
    seed: int = 0,
    progress: Progress | None = None,
) -> Fit:
    """Fit a plan to the measurements it was made for.

    `noise` is the known (relative, floor [A]) noise of the current; without it the scale of the residuals is the most
    likely one. `loss` is linear or soft_l1; `starts` descents from points drawn with `seed`.

    Raises InputError for bad options and currents that are all 0, FitError when no descent ends or the outcome is no
    device of the model.
    """
    chosen_loss = _check(loss, noise, starts, seed)
    predictor = Predictor(plan, measurements)
    first = noise[1] / noise[0] if noise else first_scale(np.concatenate([t.current for t in measurements.traces]))
    if not first > 0:
        raise InputError("current", 0.0, "currents that are not all 0")
    misfit = Misfit(predictor, first)
    found = []
    chosen = candidates(misfit, seed, starts)
    for k, z in enumerate(chosen):
        descent = descend(misfit, z, chosen_loss, 0.1, SHORT)
        if descent is not None and _is_device(plan, descent.x):
            found.append(descent)
        if progress is not None:
            progress(plan.device.name, (k + 1) / (len(chosen) + 1))
    if not found:
        raise FitError(f"{plan.device.name} could not be fitted: from no start did the search come to a device; "
                       "try other start values (--start NAME=VALUE, --set NAME)")  # fmt: skip
    found.sort(key=lambda descent: float(descent.cost))
    agreed = sum(bool(descent.cost <= (1 + SAME) * found[0].cost + 1e-12) for descent in found)
    last, misfit = _settle(misfit, found[0], chosen_loss, noise)
    return _fit(misfit, last, chosen_loss, noise, len(chosen), agreed, seed)


def _settle(
    misfit: Misfit, best: OptimizeResult, loss: Loss, noise: tuple[float, float] | None
) -> tuple[OptimizeResult, Misfit]:
    """Descend to the end, with the scale of the residuals that the residuals themselves call for."""
    z, last = best.x, best
    for _ in range(ROUNDS):
        errors = misfit.residuals(z)
        i0 = misfit.i0
        if noise is None:
            outliers = OUTLIERS if loss == "soft_l1" else math.inf
            i0 = likely_scale(misfit.predictor.all(z)[0], misfit.measured, outliers) or i0
        settled = abs(math.log(i0 / misfit.i0)) < 0.1
        if not settled:
            misfit = Misfit(misfit.predictor, i0)
            errors = misfit.residuals(z)
        margin = MARGIN * robust_deviation(errors)
        found = descend(misfit, z, loss, margin, LONG)
        if found is None or found.status <= 0:
            raise FitError(
                f"{misfit.predictor.plan.device.name}: the fit did not converge within {LONG} evaluations; hold "
                "parameters that the data do not determine (--fix NAME), or try other start values (--start NAME=VALUE)"
            )
        z, last = found.x, found
        if settled:
            break
    return last, misfit


def _fit(
    misfit: Misfit,
    last: OptimizeResult,
    loss: Loss,
    noise: tuple[float, float] | None,
    starts: int,
    agreed: int,
    seed: int,
) -> Fit:
    predictor, z = misfit.predictor, last.x
    plan, measurements = predictor.plan, predictor.measurements
    p, x0 = plan_values(plan, z)
    device = _device(plan, p)
    states = [predictor.trace(trace, p, start)[1] for trace, start in zip(measurements.traces, x0, strict=True)]
    errors, jacobian = misfit.residuals(z), misfit.jacobian(z)
    margin = MARGIN * robust_deviation(errors) if loss == "soft_l1" else math.inf
    return Fit(
        plan=plan,
        measurements=measurements,
        device=device,
        x0=tuple(x0),
        z=z,
        i0=misfit.i0,
        noise=robust_deviation(errors),
        predicted=predictor.all(z)[0],
        states=np.concatenate(states),
        residuals=errors,
        uncertainty=uncertainty(plan.unknowns, z, errors, jacobian, margin),
        loss=loss,
        starts=starts,
        agreed=agreed,
        seed=seed,
        given_noise=noise,
    )


def _device(plan: Plan, p: NDArray[Any]) -> Memristor:
    """The model with these parameters; FitError when it has no such device."""
    names = list(parameters_of(plan.device))
    try:
        return make_memristor(plan.device.name, dict(zip(names, map(float, p), strict=True)))
    except InputError as error:
        hint = "try other start values (--start NAME=VALUE), or another model"
        raise FitError(f"the best fit is no {plan.device.name}: {error}; {hint}") from None


def _is_device(plan: Plan, z: NDArray[Any]) -> bool:
    try:
        _device(plan, plan_values(plan, z)[0])
    except FitError:
        return False
    return True


def _check(loss: str, noise: tuple[float, float] | None, starts: int, seed: int) -> Loss:
    if loss not in LOSSES:
        raise InputError("loss", loss, " or ".join(LOSSES))
    if noise is not None and not all(0 < value < math.inf for value in noise):
        raise InputError("noise", noise, "a positive relative noise and a positive floor [A]")
    if not 1 <= starts <= 64:
        raise InputError("starts", starts, "a whole number from 1 to 64")
    if seed < 0:
        raise InputError("seed", seed, "a whole number, 0 or more")
    return cast(Loss, loss)
