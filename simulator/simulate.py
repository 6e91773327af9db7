"""The entry point: a circuit in, its trajectories out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from ..circuits.circuit import Circuit
from .dynamics import ArrayDynamics
from .integrate import integrate
from .result import LayerRun, result_tree

LayerProgress = Callable[[str, float], None]
"""Called with the layer's name and the share of its run that is done, 0 to 1."""


def simulate(circuit: Circuit, progress: LayerProgress | None = None) -> xr.DataTree:
    """Run every layer in turn; layer n+1 takes layer n's final output as its input.

    Returns a tree with a group per layer: `state` [V], `output` [V], `memristor` [1] where there is one,
    dims (time, channel, row, column), `input` [V], coordinate `time` [s]; the attributes say what made it.
    Raises SimulationError when a run fails: there is no result then.
    """
    u = circuit.input
    runs = []
    for array in circuit.arrays:
        dynamics = ArrayDynamics(array, u)
        report = (lambda done, name=array.name: progress(name, done)) if progress else None
        times, states, statistics = integrate(dynamics, array.start(u), circuit.run, report)
        outputs = np.empty_like(states[0])
        for k, out in enumerate(outputs):
            dynamics.output(np.ascontiguousarray(states[:, k]), out)
        runs.append(LayerRun(array, times, u * array.cell.V1, states, outputs, statistics))
        u = outputs[-1] / array.cell.V1
    return result_tree(circuit, runs)
