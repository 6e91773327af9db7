"""Adaptive runs: one method, or explicit and implicit steps in turn as the array asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...circuits.spec.models import RunSpec
from .. import failures
from ..control import pi_exponent, start_step
from ..steppers import DOPRI5, ROS34PW2, STEPPERS, RosenbrockW, Tableau
from ..stiffness import Chooser, fastest
from ..trajectory import Statistics
from . import status
from .evaluate import Evaluation
from .method import explicit_method, stiff_method
from .workspace import Sample, new_step

FIRST_TRIES, TRIES = 64, 128
"""Tries before the run is looked at again: for stiffness, and to tell how far it is."""


@dataclass
class Scheme:
    """A method made ready for one sample: its tiles, its workspaces and its numbers."""

    tableau: Tableau | RosenbrockW
    arguments: tuple[Any, ...]
    per_try: int
    """Evaluations of the right-hand side."""

    @classmethod
    def of(cls, tableau: Tableau | RosenbrockW, sample: Sample, run: RunSpec) -> Scheme:
        """Tiles, workspaces and numbers of this method for the sample's array."""
        code = sample.code
        method = stiff_method(tableau) if isinstance(tableau, RosenbrockW) else explicit_method(tableau)
        tiles, layout, length = code.planned(method)
        work = np.zeros((code.threads, length), code.dtype)
        step = new_step(method, code.dtype, run.rtol, run.atol * sample.problem.state_units)
        return cls(tableau, (work, tiles, code.sizes, layout, method, step), method.stages)


def run_adaptive(sample: Sample, run: RunSpec, report: Callable[[float], None] | None) -> Statistics:
    """From the sample's start to run.stop, or until it has settled. Raises SimulationError."""
    chosen = STEPPERS[run.method] if run.method != "adaptive" else DOPRI5
    schemes = {chosen.name: Scheme.of(chosen, sample, run)}
    statistics = Statistics(chosen.name, "asked for in the spec")
    chooser = Chooser(explicit=DOPRI5.name, implicit=ROS34PW2.name) if run.method == "adaptive" else None
    _start(sample, run, chosen.order)
    statistics.evaluations = 2
    name, tries = chosen.name, FIRST_TRIES
    while True:
        scheme = schemes[name]
        before, done = sample.numbers[status.T], int(sample.counts[status.TRIES])
        _advance(sample, scheme, tries)
        taken = int(sample.counts[status.TRIES]) - done
        statistics.evaluations += taken * scheme.per_try
        state, t = int(sample.counts[status.STATUS]), float(sample.numbers[status.T])
        if state != status.PAUSED:
            break
        tries = TRIES
        if report:
            report(t / run.stop)
        if chooser:
            name = chooser.after(t - before, taken, lambda: float(sample.numbers[status.H]) * _fastest(sample), t)
            if name not in schemes:
                schemes[name] = Scheme.of(STEPPERS[name], sample, run)
    where = int(sample.counts[status.WHERE])
    if state in (status.COLLAPSED, status.TOO_MANY):
        place = sample.spec_order(where)
        if state == status.COLLAPSED:
            raise failures.collapsed(sample.problem, float(sample.numbers[status.H]), t, place, sample.number)
        raise failures.too_many(sample.problem, status.MAX_STEPS, t, run.stop, place, sample.number)
    if chooser:
        statistics.method, statistics.why = chooser.summary()
    return statistics


def _start(sample: Sample, run: RunSpec, order: int) -> None:
    """The rate at the start, and a first step."""
    state = sample.state
    rate = sample.rates[0].reshape(sample.shape)
    rate_of = Evaluation(sample)
    rate_of(state, rate)
    if not np.isfinite(rate).all():
        place = sample.spec_order(int(np.flatnonzero(~np.isfinite(rate.ravel()))[0]))
        advice = "other parameters: the rates are not finite at the start"
        if sample.code.dtype == np.float32:
            advice = "precision double, whose range of numbers is larger, or " + advice
        raise failures.not_finite(sample.problem, 0.0, place, sample.number, advice)
    atol = (run.atol * sample.problem.state_units)[:, np.newaxis, np.newaxis]
    sample.numbers[status.H] = start_step(rate_of, state, rate, order, run.rtol, atol, run.stop)


def _advance(sample: Sample, scheme: Scheme, tries: int) -> None:
    code = sample.code
    work, tiles, sizes, layout, method, step = scheme.arguments
    found = np.zeros((code.threads, 6), np.int64)
    sample.run(
        "advance_adaptive", tries, work, tiles, sizes, layout, method, sample.states, sample.rates, sample.feed,
        code.cell, code.taps, code.edge, step, sample.saves, sample.settle, found, sample.numbers, sample.counts,
        pi_exponent(scheme.tableau.order),
    )  # fmt: skip


def _fastest(sample: Sample) -> float:
    return fastest(sample.code.jacobians(sample.state))
