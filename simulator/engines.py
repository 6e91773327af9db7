"""Which engine runs a problem."""

from __future__ import annotations

import os
from typing import Literal, get_args

import numpy as np

from ..circuits.noise import ThermalNoise
from ..circuits.spec.models import RunSpec
from ..devices.errors import InputError
from .problem import Problem
from .stiffness import STABLE, fastest
from .trajectory import Progress, Trajectories

Precision = Literal["double", "single"]
PRECISIONS = get_args(Precision)
THREADS = "CELLNN_THREADS"
MOST_THREADS = 4 * (os.cpu_count() or 1)
"""Threads that wait for each other only cost time where there are far more of them than cores."""
COARSEST = 10.0 * float(np.finfo(np.float32).eps)
"""Tolerance below which single precision would only chase its own rounding."""
MANY_STEPS = 10_000
"""Explicit steps from which on a run is left to the engine that can take implicit ones."""


def integrate(
    problem: Problem,
    run: RunSpec,
    *,
    layer: int = 0,
    noise: ThermalNoise | None = None,
    seed: int = 1,
    device: str = "cpu",
    precision: Precision = "double",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Trajectories:
    """The trajectories of all samples of one layer; see `simulate` for the arguments.

    Engines are imported when they are needed: torch's takes seconds.
    """
    threads = min(thread_count(threads), MOST_THREADS)
    if precision not in PRECISIONS:
        raise InputError("precision", precision, " or ".join(PRECISIONS))
    if precision == "single":
        run = run.model_copy(update={"rtol": max(run.rtol, COARSEST), "atol": max(run.atol, COARSEST)})
    if noise is not None:
        from .noise.integrate import integrate_noisy

        check_noisy(device, precision, run)
        return integrate_noisy(
            problem, run, temperature=noise.temperature, seed=seed, layer=layer, threads=threads, progress=progress
        )
    if device != "cpu":
        from .on_torch.integrate import integrate_on_torch

        name = "cpu" if device == "torch" else device
        return integrate_on_torch(problem, run, device=name, precision=precision, progress=progress)
    if _is_batched(problem, run, precision):
        from .batched.integrate import integrate_batched

        return integrate_batched(problem, run, precision=precision, threads=threads, progress=progress)
    from .compiled.engine import integrate_compiled

    single = precision == "single"
    return integrate_compiled(problem, run, single=single, threads=threads, progress=progress)


def _is_batched(problem: Problem, run: RunSpec, precision: Precision) -> bool:
    """Cells with values of their own, and templates whose channels are coupled as in a convolution."""
    if problem.array.own is not None:
        return True
    if run.method == "ros34pw2" or problem.array.channels < 4:
        return False
    from .batched.choose import choose

    dtype = np.dtype(np.float32 if precision == "single" else np.float64)
    return choose(problem, dtype).name == "blocked" and not _is_stiff(problem, run)


def _is_stiff(problem: Problem, run: RunSpec) -> bool:
    """Whether the fastest cell at the start would hold `adaptive` to very many explicit steps."""
    cell = problem.array.cell
    if run.method != "adaptive":
        return False
    rate = 1.0 / float(cell.shortest_time)
    if len(cell.states) > 1:
        from .compiled.array_code import array_code

        code = array_code(problem.array, single=False, threads=1)
        starts = np.moveaxis(problem.start, 0, 2)  # (samples, channels, states, rows, columns)
        rate = max(fastest(code.jacobians(start)) for start in starts)
    return rate * run.stop > MANY_STEPS * STABLE


def check_noisy(device: str, precision: str, run: RunSpec) -> None:
    """InputError for what no run with thermal noise can have."""
    if device != "cpu":
        raise InputError("device", device, "cpu", "thermal noise runs on the CPU only")
    if precision != "double":
        raise InputError("precision", precision, "double", "thermal noise is lost in single precision")
    if run.settle is not None:
        raise InputError("run.settle", run.settle, "no run.settle with hardware.noise", "a noisy array never rests")


def thread_count(asked: int | None) -> int:
    """The threads to use: those asked for, else $CELLNN_THREADS, else one for each core this process may use."""
    place, value = "threads", asked
    if asked is None and os.environ.get(THREADS):
        place = THREADS
        text = os.environ[THREADS]
        value = int(text) if text.isdecimal() and len(text) < 10 else 0
        asked = value
    if asked is not None:
        if isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= 4096:
            raise InputError(place, os.environ[THREADS] if place == THREADS else asked, "a whole number from 1 to 4096")
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
