"""What noise adds to a cell's states over a step of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cells import CellCircuit, SecondOrder
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


def swing_covariance(cell: SecondOrder, temperature: float, step: float) -> tuple[Array, Array, Array]:
    """<v^2>, <v w> and <w^2> [V^2] of what noise adds to a second-order cell in `step` [s]: exact for a cell by itself.

    S - exp(M step) S exp(M step)', S = diag(kT/C, kT R^2/L) being the covariance at rest and M the matrix of the
    cell's rates (S. Chandrasekhar, Rev. Mod. Phys. 15, 1 (1943), section II.3).
    """
    kT, half = BOLTZMANN * temperature, np.asarray(cell.R / (2.0 * cell.L), complex)
    root = np.sqrt(half * half - 1.0 / (cell.L * cell.C))
    # exp(-half t) cosh(root t) and exp(-half t) sinh(root t) / root, which is t exp(-half t) where eigenvalues meet
    slow, apart = np.exp((root - half) * step), 2.0 * root
    safe = np.where(root == 0.0, 1.0, apart)
    cosh = 0.5 * slow * (1.0 + np.exp(-apart * step))
    sinh = slow * np.where(root == 0.0, step, -np.expm1(-apart * step) / safe)
    pull, inertia = 1.0 / (cell.R * cell.C), cell.R / cell.L
    vv, vw = np.real(cosh + half * sinh), np.real(pull * sinh)
    wv, ww = np.real(-inertia * sinh), np.real(cosh - half * sinh)
    v, w = kT / cell.C, kT * cell.R**2 / cell.L
    return v - (vv**2 * v + vw**2 * w), -(vv * wv * v + vw * ww * w), w - (wv**2 * v + ww**2 * w)


def _white(at_rest: Array | float, decay: Array) -> Array:
    """What comes together in a time of which `decay` is the share of a time constant."""
    found: Array = at_rest * -np.expm1(-2.0 * decay)
    return found
