"""Equal steps of explicit Runge-Kutta methods in plain torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ...simulator.steppers import Tableau
from .integration import FixedSteps
from .problem import Equations

States = tuple[Tensor, ...]


def integrate(equations: Equations, start: States, stop: float, how: FixedSteps) -> States:
    """The states at `stop` [s]."""
    h = stop / how.steps

    def advance(states: States, steps: int) -> States:
        for _ in range(steps):
            states = _step(equations, states, h, how.tableau)[0]
        return states

    if not how.checkpoint or not torch.is_grad_enabled():
        return advance(start, how.steps)
    return _halved(advance, start, how.steps)


def _halved(advance: Callable[[States, int], States], states: States, steps: int) -> States:
    """Checkpoints within checkpoints: each half is integrated again when its gradient is asked for."""
    if steps == 1:
        return checkpoint(advance, states, 1, use_reentrant=False)
    for part in (steps // 2, steps - steps // 2):
        states = checkpoint(_halved, advance, states, part, use_reentrant=False)
    return states


def trajectory(
    equations: Equations, start: States, stop: float, how: FixedSteps, times: Sequence[float]
) -> list[States]:
    """The states at the times [s], increasing within [0, stop]; between steps by the method's interpolant."""
    h, states, found = stop / how.steps, start, []
    waiting = list(times)
    while waiting and waiting[0] <= 0.0:
        found.append(states)
        waiting.pop(0)
    for n in range(how.steps):
        before = states
        states, k = _step(equations, before, h, how.tableau)
        last = n == how.steps - 1
        while waiting and (last or waiting[0] <= (n + 1) * h * (1 + 1e-12)):
            theta = waiting.pop(0) / h - n
            if theta >= 1 - 1e-9:
                found.append(states)
            else:
                dense = np.array(how.tableau.dense)
                weights = (dense @ theta ** np.arange(1, dense.shape[1] + 1)).tolist()
                found.append(equations.confined(_combined(before, h, weights, k)))
    return found


def _step(equations: Equations, states: States, h: float, tableau: Tableau) -> tuple[States, list[States]]:
    """(the states after a step, the rates of all stages)."""
    k: list[States] = []
    for weights in tableau.a:
        k.append(equations.rates(_combined(states, h, weights, k)))
    return equations.confined(_combined(states, h, tableau.b, k)), k


def _combined(states: States, h: float, weights: Sequence[float], k: Sequence[States]) -> States:
    """states + h sum_j weights[j] k[j]."""
    used = [(h * weight, rates) for weight, rates in zip(weights, k, strict=True) if weight != 0.0]
    for weight, rates in used:
        states = tuple(torch.add(state, rate, alpha=weight) for state, rate in zip(states, rates, strict=True))
    return states
