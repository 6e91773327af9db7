"""Steps chosen by the error, through torchdiffeq."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...devices.errors import SimulationError
from .integration import Adaptive
from .problem import Equations

States = tuple[Tensor, ...]


def trajectory(equations: Equations, start: States, stop: float, how: Adaptive, times: Sequence[float]) -> list[States]:
    """The states at the times [s], increasing within [0, stop].

    Time is counted in units of `stop`, so that it and the rates are of order one. Raises SimulationError when the step
    size collapses.
    """
    from torchdiffeq import odeint, odeint_adjoint

    def rates(t: Tensor, states: States) -> States:
        return tuple(stop * rate for rate in equations.rates(states))

    given = [time / stop for time in times]
    whole = [0.0, *(time for time in given if time > 0.0)]
    # times are more precise than float32 states: two of them must not fall together
    t = torch.tensor(whole, dtype=torch.float64, device=start[0].device)
    options = {"method": how.method, "rtol": how.rtol, "atol": how.atol}
    try:
        if len(whole) == 1:
            found: States = tuple(state.unsqueeze(0) for state in start)
        elif how.adjoint:
            trained = (value for value in equations.parameters if isinstance(value, Tensor) and value.requires_grad)
            tensors = (equations.A, equations.feed, *trained)
            leaves = tuple(tensor for tensor in tensors if tensor.requires_grad)
            found = odeint_adjoint(rates, start, t, adjoint_params=leaves, **options)
        else:
            found = odeint(rates, start, t, **options)
    except AssertionError as error:
        raise SimulationError(
            f"the adaptive integration failed ({error}): the equations are too stiff or run away; raise rtol and atol, "
            "shorten stop, or lower the voltage unit"
        ) from None
    skipped = len(given) - (len(whole) - 1)
    indices = [0] * skipped + list(range(1, len(whole)))
    return [equations.confined(tuple(state[index] for state in found)) for index in indices]
