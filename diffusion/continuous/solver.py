"""How an equation inside a network is solved: what a user chooses, handed to torchdiffeq."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import torch
from pydantic import model_validator
from torch import Tensor

from ...circuits.spec.fields import Section, quantity, whole
from ...devices.errors import InputError, SimulationError

FIXED = {"euler": 1, "midpoint": 2, "heun2": 2, "heun3": 3, "rk4": 4}
"""Methods of equal steps, and their evaluations in each step, which are their order as well."""
ADAPTIVE = ("dopri5", "dopri8", "bosh3", "fehlberg2", "adaptive_heun")
"""Methods that choose their steps by the error they estimate, one step for the whole batch."""

Rates = Callable[[Tensor, Tensor], Tensor]
"""dy/dt of (t, y): t without dimensions, the rest in the shape of y."""


class Solver(Section):
    """Equal steps of a method, or, with an adaptive one, tolerances (Chen et al. 2018; torchdiffeq).

    `adjoint`: gradients from the adjoint equation, integrated backwards by the same method: memory does not grow with
    the steps, and gradients are exact only as far as the solver is. Without it, gradients go back through the solver's
    own operations: exact for what was computed, all of it kept in memory.
    """

    method: Literal["euler", "midpoint", "heun2", "heun3", "rk4", "dopri5", "dopri8", "bosh3", "fehlberg2",
                    "adaptive_heun"] = "midpoint"  # fmt: skip
    steps: Annotated[int, whole(1, 100_000)] = 1
    rtol: Annotated[float, quantity("1", 1e-14, 1.0)] = 1e-4
    atol: Annotated[float, quantity("1", 1e-18, 1.0)] = 1e-5
    adjoint: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Solver:
        for key in self.model_fields_set & ({"steps"} if self.method in ADAPTIVE else {"rtol", "atol"}):
            raise InputError(key, getattr(self, key), f"no {key} with method: {self.method}")
        return self


def solve(rates: Rates, start: Tensor, solver: Solver, trained: Sequence[Tensor] = ()) -> Tensor:
    """y(1) of dy/dt = rates(t, y), y(0) = start, in the shape of start.

    `trained` are the tensors behind `rates` that are to have gradients; only the adjoint has to be told of them.
    Raises SimulationError when steps chosen by the error shrink to nothing or states stop being finite.
    """
    from torchdiffeq import odeint, odeint_adjoint

    t = torch.tensor([0.0, 1.0], dtype=start.dtype, device=start.device)
    how: dict[str, Any] = {"method": solver.method}
    if solver.method in ADAPTIVE:
        how |= {"rtol": solver.rtol, "atol": solver.atol}
    elif solver.steps > 1:
        how["options"] = {"grid_constructor": _equal_steps(solver.steps)}
    try:
        if solver.adjoint and torch.is_grad_enabled():
            leaves = tuple(tensor for tensor in trained if tensor.requires_grad)
            return odeint_adjoint(rates, start, t, adjoint_params=leaves, **how)[-1]
        return odeint(rates, start, t, **how)[-1]
    except AssertionError as error:
        hint = "raise network.solver's rtol and atol, or take a method of fixed steps"
        raise SimulationError(f"the equation of a block could not be solved ({error}): {hint}") from None


def _equal_steps(steps: int) -> Callable[[Any, Tensor, Tensor], Tensor]:
    """torchdiffeq's own grid rounds the size of a step, and may add one."""
    return lambda _, y, t: torch.linspace(float(t[0]), float(t[-1]), steps + 1, dtype=t.dtype, device=t.device)
