"""Runs a problem on the fast engine."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...circuits.spec.models import FIXED_STEP, RunSpec
from ...devices.errors import SimulationError
from ..problem import Problem
from ..trajectory import Progress, Statistics, Trajectories
from . import status
from .adaptive import run_adaptive
from .array_code import array_code
from .fixed import run_fixed
from .workspace import Sample


class _GivenUpError(SimulationError):
    """A sample that was not computed to its end because of another."""


def integrate_compiled(
    problem: Problem, run: RunSpec, *, single: bool = False, threads: int = 1, progress: Progress | None = None
) -> Trajectories:
    """Every sample of the problem: several at a time, or several threads on one after the other where arrays are large.

    Raises SimulationError when a state becomes non-finite or runs away, the step size collapses, or the number of steps
    exceeds all measure. Results do not depend on the number of threads.
    """
    code = array_code(problem.array, single, threads)
    array, samples = problem.array, problem.samples
    times = np.linspace(0.0, run.stop, run.save)
    shape = (samples, run.save, *array.shape)
    states = np.empty((len(array.cell.states), *shape), code.dtype)
    outputs = np.empty(shape, code.dtype)
    bound = run.settle * array.cell.V1 / (array.cell.R * array.cell.C) if run.settle is not None else 0.0
    settling = np.empty((samples, *array.shape)) if bound else None
    done, largest = np.zeros((2, samples))
    given_up = threading.Event()
    causes: list[BaseException] = []

    def one(number: int) -> Statistics:
        try:
            return run_one(number)
        except BaseException as error:
            if not isinstance(error, _GivenUpError):
                causes.append(error)
            # a batch ends with its first failure: what others would still compute, no one reads
            given_up.set()
            raise

    def run_one(number: int) -> Statistics:
        def report(share: float) -> None:
            if given_up.is_set():
                raise _GivenUpError("another sample of the batch failed, or the run was interrupted")
            done[number] = share
            if progress:
                progress(float(done.mean()))

        sample = Sample(code, problem, number, times, states, outputs, run.stop, bound)
        statistics = (run_fixed if run.method in FIXED_STEP or run.step is not None else run_adaptive)(
            sample, run, report
        )
        statistics.steps, statistics.rejected = (int(sample.counts[n]) for n in (status.STEPS, status.REJECTED))
        if statistics.steps:
            statistics.shortest_step, statistics.longest_step = (
                float(sample.numbers[n]) for n in (status.SHORTEST, status.LONGEST)
            )
        if settling is not None:
            settling[number] = sample.settle.since.reshape(array.shape)
        if sample.counts[status.STATUS] == status.SETTLED:
            rest = slice(int(sample.counts[status.NEXT_SAVE]), None)
            states[:, number, rest] = np.swapaxes(sample.state, 0, 1)[:, np.newaxis]
            outputs[number, rest] = code.outputs(sample.state)
        ends = np.abs(problem.start[0, number]).max(), np.abs(sample.state[:, 0]).max()
        largest[number] = max(float(sample.numbers[status.PEAK]), *ends)
        report(1.0)
        return statistics

    if samples > 1 and code.threads == 1 and threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            try:
                each = list(pool.map(one, range(samples)))
            except _GivenUpError:  # of a sample before the one that failed
                raise causes[0] from None
            except BaseException:  # Ctrl-C comes out here; the pool waits for its threads
                given_up.set()
                raise
    else:
        each = [one(n) for n in range(samples)]
    return Trajectories(times, states, outputs, _summed(each), settling, float(largest.max()))


def _summed(each: list[Statistics]) -> Statistics:
    total = Statistics(each[0].method, each[0].why, "compiled")
    for one in each:
        total.steps += one.steps
        total.rejected += one.rejected
        total.evaluations += one.evaluations
        total.shortest_step = min(total.shortest_step, one.shortest_step)
        total.longest_step = max(total.longest_step, one.longest_step)
        if one.method not in total.method:
            total.method, total.why = one.method, one.why
    return total
