"""A run of a batch: every sample takes its own steps from 0 to the end, or until it has settled.

All samples are stepped in one go; each has its own time and its own step h, and one that has ended rests with h = 0.
"""

from __future__ import annotations

import math

import numpy as np

from ...circuits.spec.models import RunSpec
from ..control import PIController
from ..problem import Problem
from ..trajectory import Progress, Statistics, Trajectories
from .failures import MAX_REJECTIONS, MAX_STEPS, SHORTEST_STEP, Failures
from .protocol import BatchStepper, Steps
from .recorder import Recorder

DEFAULT_STEPS_PER_RC = 100


def integrate_batch(
    problem: Problem, run: RunSpec, stepper: BatchStepper, engine: str, progress: Progress | None = None
) -> Trajectories:
    """The trajectories of all samples; `engine` is the name of whose stepper it is.

    Raises SimulationError when a state becomes non-finite, the step size collapses or the number of steps exceeds
    all measure.
    """
    cell = problem.array.cell
    settle = getattr(run, "settle", None)
    bound = None if settle is None else settle * cell.V1 / (cell.R * cell.C)
    recorder = Recorder(problem, stepper, np.linspace(0.0, run.stop, run.save), bound)
    statistics = Statistics(stepper.tableau.name, engine=engine)
    loop = _fixed if stepper.tableau.error is None else _adaptive
    loop(problem, run, stepper, recorder, statistics, progress)
    statistics.evaluations = stepper.evaluations
    return Trajectories(recorder.times, recorder.states, recorder.outputs, statistics, recorder.settling)


def _fixed(
    problem: Problem,
    run: RunSpec,
    stepper: BatchStepper,
    recorder: Recorder,
    statistics: Statistics,
    progress: Progress | None,
) -> None:
    failures = Failures(problem, run)
    step = run.step
    if step is None:
        step = min(problem.array.cell.shortest_time / DEFAULT_STEPS_PER_RC, run.stop)
    count = math.ceil(run.stop / step * (1 - 1e-12))  # the last step is cut to the end
    if count > MAX_STEPS:
        raise failures.too_many_fixed(count, step)
    moving = np.ones(problem.samples, np.bool_)
    for n in range(count):
        t = n * step
        end = run.stop if n == count - 1 else (n + 1) * step
        h = np.where(moving, end - t, 0.0)
        stepper.attempt(h)
        found = stepper.check()
        if found is not None:
            sample, where, kind = found
            if kind == "not finite":
                raise failures.not_finite(sample, where, end)
            state, _ = stepper.between(1.0, end - t, sample)
            raise failures.ran_away(sample, where, end, abs(float(state.flat[where])))
        going = np.flatnonzero(moving).tolist()
        for sample in going:
            recorder.passed(sample, t, end - t, end)
        stepper.accept(moving)
        _count(statistics, h[going])
        moving[going] = [not recorder.settled(sample, end) for sample in going]
        if progress:
            progress(end / run.stop)
        if not moving.any():
            return


def _adaptive(
    problem: Problem,
    run: RunSpec,
    stepper: BatchStepper,
    recorder: Recorder,
    statistics: Statistics,
    progress: Progress | None,
) -> None:
    failures, samples = Failures(problem, run), problem.samples
    atol = run.atol * problem.state_units
    h = np.array(stepper.first_steps(run.rtol, atol, run.stop), np.float64)
    _require_start(stepper, failures, h)
    controllers = [PIController(stepper.tableau.order) for _ in range(samples)]
    t, lost = np.zeros(samples), np.zeros(samples)  # Kahan's sum: a memristor may switch in less than t's last digit
    rejections, tries = np.zeros((2, samples), np.int64)
    moving = np.ones(samples, np.bool_)
    while moving.any():
        last = moving & (t + h >= run.stop * (1 - 1e-12))
        h = np.where(last, run.stop - t, np.where(moving, h, 0.0))
        stepper.attempt(h)
        ratios, wheres = stepper.error_ratios(h, run.rtol, atol)
        taken, factor = np.zeros(samples, np.bool_), np.ones(samples)
        for sample in np.flatnonzero(moving).tolist():
            taken[sample], factor[sample] = controllers[sample].after(float(ratios[sample]))
        exact = h + lost
        end = np.where(last, run.stop, t + exact)
        ended = np.flatnonzero(taken).tolist()
        for sample in ended:
            recorder.passed(sample, t[sample], h[sample], end[sample])
        stepper.accept(taken)
        _count(statistics, h[taken])
        statistics.rejected += int(np.count_nonzero(moving & ~taken))
        lost[taken] = (exact - (end - t))[taken]
        t[taken] = end[taken]
        rejections[taken], tries[moving] = 0, tries[moving] + 1
        rejections[moving & ~taken] += 1
        moving &= ~(taken & last)
        for sample in ended:
            if recorder.settled(sample, t[sample]):
                moving[sample] = False
        h = h * factor
        if progress:
            progress(float(np.where(moving, t / run.stop, 1.0).min()))
        for sample in np.flatnonzero(moving & ((rejections > MAX_REJECTIONS) | (h < SHORTEST_STEP))).tolist():
            raise failures.collapsed(sample, int(wheres[sample]), t[sample], h[sample])
        for sample in np.flatnonzero(moving & (tries > MAX_STEPS)).tolist():
            raise failures.too_many(sample, int(wheres[sample]), t[sample])


def _require_start(stepper: BatchStepper, failures: Failures, h: Steps) -> None:
    """Refuse a start from which no step can be made."""
    for sample in np.flatnonzero(~(h > 0.0)).tolist():
        wrong = np.flatnonzero(~np.isfinite(stepper.speeds(sample)))
        where = int(wrong[0]) if wrong.size else 0
        advice = "other parameters: the rates are not finite at the start"
        raise failures.not_finite(sample, where, 0.0, advice)


def _count(statistics: Statistics, h: Steps) -> None:
    """Count accepted steps h [s]."""
    if h.size:
        statistics.steps += h.size
        statistics.shortest_step = min(statistics.shortest_step, float(h.min()))
        statistics.longest_step = max(statistics.longest_step, float(h.max()))
