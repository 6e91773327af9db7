"""Energies of one run of an array: integrals over its waveforms.

The cell they belong to (docs/cost.md): a summing amplifier turns the currents of all pairs, which end at its virtual
ground, into the drive D = sum A y + sum B u + z V1, through a feedback of 1/scale; D goes through a resistor R into the
virtual ground of an integrator, which has R, C and the memristor in its feedback, so that these see v; an output stage
drives y and -y into the pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from ....circuits.cells import SecondOrder
from ....circuits.hardware.own_cell import own_cell
from .coupling import coupled, of_powers
from .waveforms import Waveforms

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class RunEnergy:
    """Of one run of the whole array, in J unless said otherwise."""

    resistors: float
    """In the cells' R: integral of v^2/R, of second-order cells R i^2."""
    memristors: float
    """Integral of v i(v, x)."""
    capacitors: float
    """What C v^2/2 has grown by, and L i^2/2 where there is an inductor: stored at the end, and lost when the next run
    starts from 0."""
    feedback: float
    """In both devices of each pair of A: integral of (g+ + g-) y^2."""
    input: float
    """In those of B: (g+ + g-) u^2 times the run's time."""
    drive: float
    """In the resistor through which D enters the integrator (second-order cells have none beside their R), and in the
    summing amplifier's feedback."""
    delivered: float
    """To the integrators' feedback: integral of v D/R (to R, L and C in series: of D i), which is `resistors` +
    `memristors` + what was stored."""
    charge: float
    """C: integral of the sum of the magnitudes of all currents the amplifiers' outputs deliver."""
    largest: float
    """V: the largest voltage at an amplifier's output."""

    @property
    def balance(self) -> float:
        """What is missing in the balance of the cells' nodes, relative to what was delivered (Tellegen's theorem): the
        error of waveforms and quadrature."""
        found = self.resistors + self.memristors + self.capacitors
        return abs(found - self.delivered) / self.delivered if self.delivered else abs(found)

    @property
    def outputs(self) -> float:
        """What the amplifiers' outputs give to all that hangs on them."""
        return self.delivered + self.drive + self.feedback + self.input


def run_energy(waves: Waveforms, u: Array, loads: Mapping[str, Array], scale: float) -> RunEnergy:
    """Of the run whose inputs, in units of V1, are u (inputs, rows, columns).

    `loads` are g+ + g- [S] of A and B, shaped as `Chip.loads` gives them, `scale` the siemens of a unit of weight.
    Integrals are trapezoids over the saved times: of second order in their distance.
    """
    array, V1 = waves.array, waves.array.cell.V1
    cell, D = own_cell(array), waves.drive
    v, y, stop = waves.states[0], waves.outputs, float(waves.times[-1] - waves.times[0])
    into = np.float64(1.0) / cell.R

    def integral(powers: Array) -> float:
        return float(trapezoid(powers.sum(axis=(1, 2, 3), dtype=np.float64), waves.times))

    swings = isinstance(cell, SecondOrder)
    across = waves.states[1] if swings else v  # R
    outgoing = np.abs(across) if swings else 2.0 * np.abs(D)  # through R; through the one before it and from D

    def stored(part: int) -> float:
        found = 0.5 * cell.C * np.square(v[part], dtype=np.float64)
        if isinstance(cell, SecondOrder):
            found = found + 0.5 * cell.L * np.square(across[part] * into, dtype=np.float64)
        return float(found.sum())

    memristors = 0.0
    if "x" in cell.states:
        x = waves.states[cell.states.index("x")]
        current = cell.area * cell.memristor.bounded_current(v, x)  # type: ignore[attr-defined]
        memristors = integral(v * current)
    squares, sizes = (trapezoid(np.abs(y / V1).astype(np.float64) ** p, waves.times, axis=0) / stop for p in (2, 1))
    border = array.boundary
    inputs = np.asarray(u, np.float64)
    through = {
        ("A", 2): coupled(squares[None], loads["A"], of_powers(border, 2)),
        ("A", 1): coupled(sizes[None], loads["A"], of_powers(border, 1)),
        ("B", 2): coupled(inputs[None] ** 2, loads["B"], of_powers(border, 2)),
        ("B", 1): coupled(np.abs(inputs)[None], loads["B"], of_powers(border, 1)),
    }
    sums = {(name, p): float(found.sum()) * stop * V1**p for (name, p), found in through.items()}
    return RunEnergy(
        resistors=integral(across * across * into),
        memristors=memristors,
        capacitors=stored(-1) - stored(0),
        feedback=sums["A", 2],
        input=sums["B", 2],
        drive=integral(D * D * (scale + (0.0 if swings else into))),
        delivered=integral(across * D * into),
        charge=integral(outgoing * into + np.abs(D) * scale) + sums["A", 1] + sums["B", 1],
        largest=max(float(np.abs(values).max(initial=0.0)) for values in (D, v, y, V1 * inputs)),
    )
