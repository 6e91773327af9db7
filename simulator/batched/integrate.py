"""The engine for arrays of many channels, for batches, and for cells that differ."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...circuits.spec.models import RunSpec
from ..problem import Problem
from ..steppers import STEPPERS
from ..trajectory import Progress, Trajectories
from .crew import Crew
from .loop import integrate_batch
from .stepper import ExplicitStepper

PRECISIONS = {"double": np.dtype(np.float64), "single": np.dtype(np.float32)}


def integrate_batched(
    problem: Problem,
    run: RunSpec,
    *,
    precision: Literal["double", "single"] = "double",
    threads: int = 1,
    progress: Progress | None = None,
) -> Trajectories:
    """The trajectories of all samples. No result depends on `threads`, or on the other samples of the batch.

    Raises SimulationError when a state becomes non-finite, the step size collapses or the number of steps exceeds
    all measure.
    """
    tableau = STEPPERS["dopri5" if run.method == "adaptive" else run.method]
    with Crew(threads) as crew:
        stepper = ExplicitStepper(problem, tableau, PRECISIONS[precision], crew)
        return integrate_batch(problem, run, stepper, "batched", progress)
