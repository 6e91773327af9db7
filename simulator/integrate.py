"""A run: steps from 0 to the end, states at the requested times."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..circuits.spec.models import RunSpec
from ..devices.errors import SimulationError
from .control import PIController, first_not_finite, first_step, largest_error
from .coupling import Array
from .dynamics import ArrayDynamics
from .explicit import ExplicitStepper
from .steppers import STEPPERS, Tableau

MAX_STEPS = 2_000_000
MAX_REJECTIONS = 300
SHORTER = "a shorter run.step, or method: adaptive"
SHORTEST_STEP = 1e-250
"""Seconds: bounded exponentials ask for no shorter one; what does has run away."""
DEFAULT_STEPS_PER_RC = 100

Progress = Callable[[float], None]
"""Called now and then with the share of the run that is done, 0 to 1."""


@dataclass
class Statistics:
    """What a run took."""

    method: str
    steps: int = 0
    rejected: int = 0
    evaluations: int = 0
    shortest_step: float = math.inf
    longest_step: float = 0.0

    def count(self, h: float) -> None:
        """Count an accepted step h [s]."""
        self.steps += 1
        self.shortest_step, self.longest_step = min(self.shortest_step, h), max(self.longest_step, h)


def integrate(
    dynamics: ArrayDynamics, start: Array, run: RunSpec, progress: Progress | None = None
) -> tuple[Array, Array, Statistics]:
    """Times [s] (n,), states (states, n, channels, rows, columns) and statistics of a run.

    Raises SimulationError when the state becomes non-finite, the step size collapses or the number of
    steps exceeds all measure.
    """
    tableau = STEPPERS["dopri5" if run.method == "adaptive" else run.method]
    times = np.linspace(0.0, run.stop, run.save)
    trajectory = _Trajectory(times, start, progress)
    statistics = Statistics(tableau.name)
    stepper = ExplicitStepper(tableau, dynamics, start)
    if tableau.error is None:
        _fixed(stepper, run, trajectory, statistics)
    else:
        _adaptive(tableau, stepper, run, trajectory, statistics)
    statistics.evaluations = dynamics.evaluations
    return times, trajectory.states, statistics


class _Trajectory:
    """Collects the states at the requested times as the steps pass them."""

    def __init__(self, times: Array, start: Array, progress: Progress | None) -> None:
        self.times, self.progress = times, progress
        # each state's trajectory lies in one piece, as results hold it
        self.states = np.empty((start.shape[0], len(times), *start.shape[1:]))
        self.states[:, 0] = start
        self.next = 1

    def passed(self, stepper: ExplicitStepper, t: float, h: float) -> None:
        """Note the states in (t, t + h]; the step is attempted, not yet accepted."""
        end = t + h
        while self.next < len(self.times) and self.times[self.next] <= end:
            theta = (self.times[self.next] - t) / h
            state = stepper.proposed.copy() if theta >= 1.0 else stepper.between(theta, h)
            stepper.dynamics.confine(state)
            self.states[:, self.next] = state
            self.next += 1
        if self.progress:
            self.progress(end / self.times[-1])


def _fixed(stepper: ExplicitStepper, run: RunSpec, trajectory: _Trajectory, statistics: Statistics) -> None:
    step = run.step
    if step is None:
        cell = stepper.dynamics.array.cell
        step = min(cell.R * cell.C / DEFAULT_STEPS_PER_RC, run.stop)
    count = math.ceil(run.stop / step * (1 - 1e-12))  # the last step is cut to the end
    if count > MAX_STEPS:
        raise SimulationError(
            f"{count} steps of {step:g} s are more than {MAX_STEPS}: raise run.step, shorten run.stop, or use adaptive"
        )
    for n in range(count):
        t = n * step
        end = run.stop if n == count - 1 else (n + 1) * step
        stepper.attempt(end - t)
        _refuse_non_finite(stepper, stepper.proposed, end, SHORTER)
        _refuse_run_away(stepper, end)
        trajectory.passed(stepper, t, end - t)
        stepper.accept()
        statistics.count(end - t)


def _adaptive(
    tableau: Tableau, stepper: ExplicitStepper, run: RunSpec, trajectory: _Trajectory, statistics: Statistics
) -> None:
    dynamics, controller = stepper.dynamics, PIController(tableau.order)
    _refuse_non_finite(stepper, stepper.rate, 0.0, "other parameters: the rates are not finite at the start")
    atol = run.atol * dynamics.state_units
    h = first_step(dynamics, stepper.state, stepper.rate, tableau.order, run.rtol, atol, run.stop)
    error = np.empty_like(stepper.state)
    flat = len(atol), -1
    t, lost = 0.0, 0.0  # Kahan's sum: a memristor may switch in less than the last digit of t
    rejections = 0
    while t < run.stop:
        last = t + h >= run.stop * (1 - 1e-12)
        h = run.stop - t if last else h
        stepper.attempt(h)
        stepper.error(h, error)
        ratio, where = largest_error(
            error.reshape(flat), stepper.state.reshape(flat), stepper.proposed.reshape(flat), run.rtol, atol
        )
        accepted, factor = controller.after(ratio)
        if accepted:
            trajectory.passed(stepper, t, h)
            stepper.accept()
            statistics.count(h)
            exact = h + lost
            t, lost = (run.stop, 0.0) if last else (t + exact, exact - ((t + exact) - t))
            rejections = 0
        else:
            statistics.rejected += 1
            rejections += 1
        h *= factor
        if rejections > MAX_REJECTIONS or h < SHORTEST_STEP:
            raise SimulationError(
                f"the step size collapsed to {h:.3g} s at t = {t:.6g} s in {_cell(stepper, where)}: the equations are "
                f"too stiff here; {_advice(dynamics)}"
            )
        if statistics.steps + statistics.rejected > MAX_STEPS:
            raise SimulationError(
                f"{MAX_STEPS} steps were not enough: t = {t:.6g} s of {run.stop:g} s, worst {_cell(stepper, where)}; "
                f"{_advice(dynamics)}"
            )


def _advice(dynamics: ArrayDynamics) -> str:
    memristive = "x" in dynamics.array.cell.states
    return "raise run.rtol and run.atol, or " + ("lower cell.voltage_unit" if memristive else "shorten run.stop")


def _refuse_non_finite(stepper: ExplicitStepper, values: Array, t: float, advice: str) -> None:
    where = first_not_finite(values.reshape(-1))
    if where >= 0:
        raise SimulationError(f"the state is not finite at t = {t:.6g} s in {_cell(stepper, where)}: try {advice}")


def _refuse_run_away(stepper: ExplicitStepper, t: float) -> None:
    """A fixed step too long for the array swings ever higher: past what its equations allow, it has failed."""
    v = np.abs(stepper.proposed[0])
    if v.max() > stepper.dynamics.voltage_limit:
        where = _cell(stepper, int(v.argmax()))
        raise SimulationError(
            f"the state ran away: {v.max():.3g} V at t = {t:.6g} s in {where}, more than the weights can drive it to: "
            f"try {SHORTER}"
        )


def _cell(stepper: ExplicitStepper, flat_index: int) -> str:
    """`state v of cell (channel 0, row 3, column 4)`."""
    state, channel, row, column = np.unravel_index(flat_index, stepper.state.shape)
    name = stepper.dynamics.array.cell.states[int(state)]
    return f"state {name} of cell (channel {channel}, row {row}, column {column})"
