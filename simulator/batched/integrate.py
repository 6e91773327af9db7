"""The engine for arrays of many channels, for batches, and for cells that differ."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ...circuits.spec.models import RunSpec
from ...devices.errors import InputError
from ..problem import Problem
from ..steppers import STEPPERS, Tableau
from ..trajectory import Progress, Trajectories
from .crew import Crew
from .loop import integrate_batch
from .stepper import ExplicitStepper

EXPLICIT_ONLY = "adaptive: explicit, as this engine has no implicit pair"
PRECISIONS: dict[str, np.dtype] = {"double": np.dtype(np.float64), "single": np.dtype(np.float32)}


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
    tableau = explicit_method(run)
    with Crew(threads) as crew:
        keeps_rates = getattr(run, "settle", None) is not None  # whether it has settled, the rates say
        stepper = ExplicitStepper(problem, tableau, PRECISIONS[precision], crew, keeps_rates)
        found = integrate_batch(problem, run, stepper, "batched", progress)
    found.statistics.why = "asked for in the spec" if run.method != "adaptive" else EXPLICIT_ONLY
    return found


def explicit_method(run: RunSpec) -> Tableau:
    """The method of a run of this engine. Raises InputError for an implicit one."""
    tableau = STEPPERS["dopri5" if run.method == "adaptive" else run.method]
    if not isinstance(tableau, Tableau):
        explicit = ", ".join(name for name, method in STEPPERS.items() if isinstance(method, Tableau))
        raise InputError("run.method", run.method, f"one of {explicit} or adaptive", "what runs in batches is explicit")
    return tableau
