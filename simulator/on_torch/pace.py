"""How far a batch gets per try, and with which method to go on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..stiffness import Chooser
from .cell_systems import fastest
from .dynamics import TensorDynamics

FIRST_TRIES, TRIES = 64, 128
"""Steps tried before the method is looked at again, as in the compiled engine."""


class Pace:
    """Counts what the tries of a batch gain, all samples together, and asks the chooser now and then."""

    def __init__(self, chooser: Chooser, dynamics: TensorDynamics) -> None:
        self._chooser, self._dynamics = chooser, dynamics
        self._t: float | NDArray[np.float64] = 0.0
        self._gained, self._tries, self._steps, self._due = 0.0, 0, 0, FIRST_TRIES

    def after(self, h: NDArray[np.float64], taken: NDArray[np.bool_], state: Tensor) -> str:
        """The method to go on with after an attempt of steps h [s] (samples,), of which some were taken; `state` is the
        present one."""
        gained = np.where(taken, h, 0.0)
        self._t = self._t + gained
        self._gained += float(gained.sum())
        self._tries += int(np.count_nonzero(h))
        self._steps += 1
        if self._steps < self._due:
            return self._chooser.now

        def stiffness() -> float:
            return float((h * fastest(self._dynamics.jacobian(state)).double().cpu().numpy()).max())

        name = self._chooser.after(self._gained, self._tries, stiffness, float(np.max(self._t)))
        self._gained, self._tries, self._steps, self._due = 0.0, 0, 0, TRIES
        return name
