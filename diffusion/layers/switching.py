"""Memristors that switch within a run: a few equal steps cannot follow them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .integration import FixedSteps

if TYPE_CHECKING:
    from .dynamics import ArrayDynamics

MOVED = 0.05
"""Change of x from which on a memristor counts as switched: its conductance has become another one."""
FAR = 1e4
"""Normalised states beyond are no array's that computes: steps were too long for a cell's conductance."""
FINER = 32
"""So many steps for one: with a TaOx device of area 1 switched on beside 1 nF, RK4 is stable below 0.1 us."""


def followed(dynamics: ArrayDynamics, feed: Tensor, start: Tensor | float) -> Tensor:
    """The outputs, as `ArrayDynamics.forward`, of memristive cells and fixed steps; samples in which a memristor
    switched, or states went far, are integrated once more, in `FINER` times as many steps.

    A switched memristor is so good a conductor that an explicit step of half a time constant multiplies v instead of
    damping it. Each sample's outputs are its own: they do not depend on what else is in its batch.
    Raises SimulationError where these steps are too few as well.
    """
    y, states = dynamics.ended(feed, start)
    moved = (states[1] - dynamics.quantities.x0_of_channels().to(feed)).abs() > MOVED
    again = (moved | ~(states[0].abs() < FAR)).flatten(1).any(dim=1).nonzero()[:, 0]  # what is no number, too
    if len(again) == 0:
        return y
    how = dynamics.integration
    assert isinstance(how, FixedSteps)
    finer = copy.copy(dynamics)
    finer.integration = FixedSteps(how.method, how.steps * FINER, how.checkpoint)
    later, states = finer.ended(feed[again], start[again] if isinstance(start, Tensor) else start)
    finer.check(states[0])
    return torch.index_copy(y, 0, again, later)
