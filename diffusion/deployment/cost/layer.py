"""An array's run, measured on waveforms: what it takes whatever is assumed about the rest."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..array import DeployedArray
from .energy import RunEnergy, run_energy
from .settling import Settling, settling_of
from .waveforms import run_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LayerRun:
    """One layer's run, the mean over pictures."""

    name: str
    inputs: int
    channels: int
    rows: int
    columns: int
    weights: int
    """Of a cell: those of A and of B."""
    stop: float
    """s."""
    energy: RunEnergy
    balance: float
    """The largest relative error of the energy balance of any picture."""
    settling: Settling
    """Shares and times; `rest` is None where it is for any picture."""
    drift: float
    """The largest change of a memristor's state."""
    moved: float
    """Share of the memristors that changed by more than the bound given."""
    bits: tuple[float | None, float | None]
    """Of the converters at input and output; None where ideal."""

    @property
    def cells(self) -> int:
        """Of all planes."""
        return self.channels * self.rows * self.columns

    @property
    def operations(self) -> int:
        """Of convolutions of the same size: a multiplication and an addition for each weight of each cell."""
        return 2 * self.weights * self.cells


def layer_run(
    name: str,
    array: DeployedArray,
    met: tuple[Array, Array, Array],
    *,
    points: int,
    settled: float,
    moved: float,
) -> LayerRun:
    """The runs of the array under what its block met: u (n, in, rows, columns), gain and bias (n, channels)."""
    u, gain, bias = met
    made, folded = array.driven(u, gain, bias), array.folded
    stop = folded.stop * array.hardware.time_scale
    driven = array.border.driven(u)
    loads = {matrix: array.chip.loads(matrix) for matrix in ("A", "B")}
    energies, settlings, drifts = [], [], []
    for k in range(len(u)):
        waves = run_of(made, k, stop, points, array.integration.precision)
        energies.append(run_energy(waves, driven[k], loads, array.chip.scale))
        settlings.append(settling_of(waves, settled))
        if "x" in made.cell.states:
            x = waves.states[made.cell.states.index("x")]
            drifts.append(np.abs(x[-1] - x[0]))
    into, out = array.hardware.into, array.hardware.out
    return LayerRun(
        name=name,
        inputs=folded.B.shape[1],
        channels=folded.channels,
        rows=array.rows,
        columns=array.columns,
        weights=(folded.A.size + folded.B.size) // folded.channels,
        stop=stop,
        energy=RunEnergy(**{field.name: _mean(energies, field.name) for field in fields(RunEnergy)}),
        balance=max(energy.balance for energy in energies),
        settling=Settling(
            float(np.mean([one.resting for one in settlings])),
            None if any(one.rest is None for one in settlings) else max(one.rest or 0.0 for one in settlings),
            float(np.mean([one.output for one in settlings])),
        ),
        drift=float(np.max(drifts, initial=0.0)),
        moved=float(np.mean(np.array(drifts) > moved)) if drifts else 0.0,
        bits=(None if into is None else into.bits, None if out is None else out.bits),
    )


def _mean(energies: list[RunEnergy], name: str) -> float:
    """Of a field; the largest where it is one."""
    values = [getattr(energy, name) for energy in energies]
    return float(max(values)) if name == "largest" else float(np.mean(values))
