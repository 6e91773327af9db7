"""The engine of noisy runs: equal steps of Heun's method, normal numbers by name, samples side by side."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ...circuits.hardware.own_cell import own_cell
from ...circuits.noise import ThermalNoise, check_noisy_method
from ...circuits.spec.models import RunSpec
from ...devices.errors import InputError, SimulationError
from ..problem import Problem
from ..trajectory import Progress, Statistics, Trajectories
from .normals import THERMAL_NOISE, NormalStream
from .paths import Paths

STEPS_PER_RC = 100
"""Of the default step, RC being the cell's shortest time: the variance of a plain cell at rest is then within 3e-5 of
kT/C."""
MAX_STEPS = 2_000_000


def integrate_noisy(
    problem: Problem,
    run: RunSpec,
    *,
    temperature: float,
    seed: int,
    layer: int = 0,
    first_sample: int = 0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Trajectories:
    """The trajectories of a batch whose cells have the thermal noise of this temperature [K].

    Every number drawn belongs to (seed, layer, step, sample, cell): results are the same to the last bit for any number
    of threads, and for any split of a batch whose parts say with `first_sample` where they begin. A temperature of 0 is
    Heun's method without noise. The step is run.step or a hundredth of the cell's shortest time (RC
    of a plain cell), shortened so that it divides the time between two saved states.

    Raises InputError for a method that is not Heun's, a temperature out of range and a memristor that is a source;
    SimulationError when a state becomes non-finite or runs away.
    """
    check_noisy_method(run.method)
    temperature = _checked(temperature)
    _refuse_sources(problem)
    times = np.linspace(0.0, run.stop, run.save)
    h, between = _equal_steps(problem, run)
    steps = between * (run.save - 1)
    if steps > MAX_STEPS:
        raise SimulationError(f"{steps} steps of {h:g} s are more than {MAX_STEPS}: raise run.step or shorten run.stop")
    stream = NormalStream(seed, THERMAL_NOISE, layer)
    states = np.empty((len(problem.array.cell.states), problem.samples, run.save, *problem.array.shape))
    outputs = np.empty(states.shape[1:])
    groups = [
        Paths(problem, part.tolist(), first_sample, stream, temperature, h, states, outputs)
        for part in np.array_split(np.arange(problem.samples), min(max(threads, 1), problem.samples))
    ]
    with ThreadPoolExecutor(len(groups)) as pool:
        for saved in range(1, run.save):
            for future in [pool.submit(group.advance_to, saved, between) for group in groups]:
                future.result()
            if progress:
                progress(saved / (run.save - 1))
    statistics = Statistics("heun", f"thermal noise at {temperature:g} K", "noise")
    statistics.steps, statistics.evaluations = steps * problem.samples, 2 * steps * problem.samples
    statistics.shortest_step = statistics.longest_step = h
    return Trajectories(times, states, outputs, statistics)


def _checked(temperature: float) -> float:
    try:
        return ThermalNoise(temperature).temperature
    except InputError as error:
        raise error.at("hardware.noise") from None


def _refuse_sources(problem: Problem) -> None:
    """A device that drives a current at 0 V is never at rest: what noise it has, its equations do not tell."""
    memristor = getattr(problem.array.cell, "memristor", None)
    if memristor is None:
        return
    current = float(np.max(np.abs(memristor.bounded_current(0.0, np.linspace(0.0, 1.0, 101)))))
    if current > 0.0:
        hint = "thermal noise is that of a conductance: change the equation, or leave hardware.noise out"
        raise InputError("cell.memristor.current", f"{current:g} A", "no current at 0 V", hint)


def _equal_steps(problem: Problem, run: RunSpec) -> tuple[float, int]:
    """The step [s] and how many of them there are between two saved times."""
    shortest = float(np.min(own_cell(problem.array).shortest_time))
    wanted = min(shortest / STEPS_PER_RC, run.stop) if run.step is None else run.step
    interval = run.stop / (run.save - 1)
    count = max(math.ceil(interval / wanted * (1 - 1e-12)), 1)
    return interval / count, count
