"""What noise adds to a cell's voltage over a step of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cells import CellCircuit
from ..noise import BOLTZMANN
from .amplified import Amplified

Array = NDArray[Any]


def step_variance(cell: CellCircuit, states: Array, temperature: float, step: float) -> Array:
    """The variance [V^2] that noise adds to v in `step` [s], at these states and this temperature [K]: exact for a cell
    by itself, whose conductances are as they are at the states.

    kT/C (1 - exp(-2 G step / C)), and behind amplifiers, whose resistors at the summing node have noise but take no
    charge, kT/C G_noise / G (..); there the integrator's own noise adds L^2 N^2 / (4 R^2 G C) (..), N its one-sided
    density. That of the output stages is left out: it is smaller by the number of weights.
    """
    noisy = np.asarray(cell.noise_conductance(*states), np.float64)
    if not isinstance(cell, Amplified):
        return _white(BOLTZMANN * temperature / cell.C, noisy * step / cell.C)
    taken = np.asarray(cell.damping_conductance(*states), np.float64)
    C = cell.time_constant / cell.R
    own = (cell.loading * cell.op_amp.noise / (2.0 * cell.R)) ** 2 / taken
    return _white((BOLTZMANN * temperature * noisy / taken + own) / C, taken * step / C)


def _white(at_rest: Array | float, decay: Array) -> Array:
    """What comes together in a time of which `decay` is the share of a time constant."""
    found: Array = at_rest * -np.expm1(-2.0 * decay)
    return found
