"""A batch of arrays integrated on a torch device."""

from __future__ import annotations

from ...circuits.spec.models import RunSpec
from ..batched.loop import integrate_batch
from ..problem import Problem
from ..steppers import DOPRI5, ROS34PW2, STEPPERS, RosenbrockW, Tableau
from ..stiffness import Chooser
from ..trajectory import Progress, Trajectories
from .compiler import Compiling
from .device import fitting, torch_device, torch_dtype
from .dynamics import TensorDynamics
from .explicit import ExplicitScheme
from .scheme import Scheme
from .stepper import TensorStepper
from .stiff import StiffScheme


def integrate_on_torch(
    problem: Problem,
    run: RunSpec,
    *,
    device: str,
    precision: str = "double",
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> Trajectories:
    """The trajectories of all samples, computed on `device` (`cpu`, `cuda`, `cuda:1`) in `precision` (double, single).

    `compiled`: whether the step goes through torch.compile; None compiles in long runs on a GPU. Single precision
    does not follow tolerances finer than its rounding. Raises InputError for a device that is not there, and
    SimulationError as every engine.
    """
    where, dtype = torch_device(device), torch_dtype(precision)
    adaptive = run.method == "adaptive"
    tableaus = (DOPRI5, ROS34PW2) if adaptive else (STEPPERS[run.method],)
    chooser = Chooser(explicit=DOPRI5.name, implicit=ROS34PW2.name) if adaptive else None
    with fitting(where, problem.start.size):
        dynamics = TensorDynamics(problem, where, dtype)
        compiling = Compiling(compiled, where, problem.start.size)
        stepper = TensorStepper([_scheme(tableau, dynamics) for tableau in tableaus], dynamics, compiling, chooser)
        found = integrate_batch(problem, run, stepper, "torch", progress)
    statistics = found.statistics
    statistics.method, statistics.why = chooser.summary() if chooser else (run.method, "asked for in the spec")
    return found


def _scheme(tableau: Tableau | RosenbrockW, dynamics: TensorDynamics) -> Scheme:
    return ExplicitScheme(tableau, dynamics) if isinstance(tableau, Tableau) else StiffScheme(tableau, dynamics)
