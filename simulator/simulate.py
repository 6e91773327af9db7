"""The entry point: a circuit in, its trajectories out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from ..circuits.circuit import Circuit
from ..circuits.hardware import Border, Hardware
from .engines import Precision, integrate
from .problem import Problem
from .result import LayerRun, result_tree
from .trajectory import ended

LayerProgress = Callable[[str, float], None]
"""Called with the layer's name and the share of its run that is done, 0 to 1."""


def simulate(
    circuit: Circuit,
    progress: LayerProgress | None = None,
    *,
    device: str = "cpu",
    precision: Precision = "double",
    threads: int | None = None,
) -> xr.DataTree:
    """Run every layer in turn; layer n+1 takes layer n's final output as its input.

    Returns a tree with a group per layer: `state` [V], `output` [V], `memristor` [1] where there is one,
    dims (sample,) time, channel, row, column, `input` [V], coordinate `time` [s]; the attributes say what made it. With
    `run.settle`, a run ends when all cells have settled, and `settling_time` [s] says when each did.

    `device`: `cpu`, the compiled engines; `cuda`, `cuda:1`, .. through torch; `torch`, torch's CPU. `precision`:
    `double` or `single`, in which states are stored. `threads`: at most so many (default: the cores this process may
    use, or $CELLNN_THREADS); results do not depend on it.

    Raises SimulationError when a run fails: there is no result then. Raises InputError for a device that is not there.
    """
    u = circuit.input if circuit.input.ndim == 4 else circuit.input[np.newaxis]
    hardware = circuit.hardware or Hardware()
    u = Border(hardware, circuit.seeds, circuit.arrays[0].name).driven(u)
    runs: list[LayerRun] = []
    for number, array in enumerate(circuit.arrays):
        report = (lambda done, name=array.name: progress(name, done)) if progress else None
        if runs:  # what the layer before ended with
            u = np.asarray(runs[-1].found.outputs[:, -1], np.float64) / runs[-1].array.cell.V1
        problem = Problem(array, u)
        border = Border(hardware, circuit.seeds, array.name)
        run = circuit.run
        if hardware.jitter:
            run = run.model_copy(update={"stop": border.stop(run.stop)})
        found = integrate(
            problem, run, layer=number, noise=circuit.noise, seed=circuit.seeds.get("noise", 1), device=device,
            precision=precision, threads=threads, progress=report,
        )  # fmt: skip
        found = ended(found)
        batch = circuit.input.ndim == 4
        read = None
        if hardware.out is not None and number == len(circuit.arrays) - 1:
            V1 = array.cell.V1
            read = V1 * border.read(np.asarray(found.outputs[:, -1], np.float64) / V1)
        runs.append(LayerRun(array, u * array.cell.V1, found, batch, read))
    return result_tree(circuit, runs)
