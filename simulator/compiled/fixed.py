"""Runs of equal steps; where nothing is asked in between, several of them in one sweep over the array."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...circuits.spec.models import RunSpec
from .. import failures
from ..steppers import STEPPERS, Tableau
from ..trajectory import Statistics
from . import status
from .evaluate import Evaluation
from .method import explicit_method, stiff_method
from .workspace import Sample, new_step

STEPS_PER_RC = 100
CHAIN = 8
"""Stages of one sweep: more would compute more edges twice than they save reads of memory."""
TRIES = 4096


def run_fixed(sample: Sample, run: RunSpec, report: Callable[[float], None] | None) -> Statistics:
    """From the sample's start to run.stop in steps of run.step, by default a hundredth of the cell's shortest time.

    Raises SimulationError.
    """
    code, cell = sample.code, sample.problem.array.cell
    h = run.step if run.step is not None else min(cell.shortest_time / STEPS_PER_RC, run.stop)
    count = math.ceil(run.stop / h * (1 - 1e-12))  # the last step is cut to the end
    if count > status.MAX_STEPS:
        raise failures.too_many_fixed(count, h, status.MAX_STEPS)
    tableau = STEPPERS[run.method]
    explicit = isinstance(tableau, Tableau) and not tableau.first_same_as_last
    chains, length = [], 0
    for steps in (1, max(1, CHAIN // tableau.stages) if explicit else 1):
        method = explicit_method(tableau, steps) if isinstance(tableau, Tableau) else stiff_method(tableau)
        tiles, layout, cells = code.planned(method)
        chains.append((tiles, layout, method, new_step(method, code.dtype, 0.0, np.ones(len(cell.states)))))
        length = max(length, cells)
    if not explicit:  # these take over the rate at the end of the step before
        Evaluation(sample)(sample.state, sample.rates[0].reshape(sample.shape))
    work = np.zeros((code.threads, length), code.dtype)
    found = np.zeros((code.threads, 6), np.int64)
    while True:
        sample.run(
            "advance_fixed", TRIES, work, tuple(chains), code.sizes, sample.states, sample.rates, sample.feed,
            code.cell, code.taps, code.edge, sample.saves, sample.settle, found, sample.numbers, sample.counts, h,
            count, sample.problem.voltage_limit,
        )  # fmt: skip
        state, t = int(sample.counts[status.STATUS]), float(sample.numbers[status.T])
        if state != status.PAUSED:
            break
        if report:
            report(t / run.stop)
    where = sample.spec_order(int(sample.counts[status.WHERE]))
    if state == status.NOT_FINITE:
        raise failures.not_finite(sample.problem, t, where, sample.number)
    if state == status.RAN_AWAY:
        raise failures.ran_away(sample.problem, float(sample.numbers[status.RATIO]), t, where, sample.number)
    steps = int(sample.counts[status.STEPS])
    return Statistics(tableau.name, "asked for in the spec", evaluations=steps * tableau.stages)
