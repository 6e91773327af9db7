"""The cross-check of deployed layers: a window of each in the grid simulator and in ngspice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from ....devices.errors import InputError, did_you_mean
from ....netlists.measure import Tolerance
from ....netlists.running.run import Engine
from ....netlists.window import Window
from ..array import DeployedArray
from ..network import DeployedBlock
from ..noised import Questions
from .against import Against, against_ngspice
from .choose import ELEMENTS, SIZE, middle
from .layer import layer_run, still
from .met import Met, met_by

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class WindowCheck:
    """What the cross-check of one layer's window found."""

    layer: str
    window: str
    """Rows x columns + first row + first column."""
    channels: tuple[int, ...]
    """Those of its cells, counted from 0."""
    size: tuple[int, int, int]
    """Channels, rows and columns of the layer."""
    measure: float
    """Xyce's, of the worst cell and variable: below 1 the two agree."""
    agrees: bool
    variables: dict[str, float]
    """The measure of the worst cell by variable: v, y, and x of memristors."""
    steps: float
    """Rms difference of the outputs that the deployment itself computes - with its own method, steps and precision, but
    no noise during the run - from ngspice's at the end, relative to the rms of these."""
    seconds: float
    """What ngspice took, all its attempts together."""
    nodes: int
    elements: int
    reltol: float
    """ngspice's tolerance at which the verdict fell."""
    ngspice: str
    """Its version."""


def check_windows(
    ideal: nn.Module,
    deployed: nn.Module,
    question: Questions,
    *,
    layers: Iterable[str] | None = None,
    size: int = SIZE,
    elements: int = ELEMENTS,
    tolerance: Tolerance | None = None,
    engine: Engine = "batch",
    timeout: float | None = 120.0,
    keep: Path | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> list[WindowCheck]:
    """A window of each deployed layer (or of `layers`) checked against ngspice, in the order of the network.

    Both run the layer on its chip - weights, R, C and memristors of every cell its own - under what the ideal network
    puts to it in the first of these questions. The window is what `choose.middle` makes of `size` and `elements`. The
    cells around it put out what the grid simulator gives them: a fault that lies elsewhere alone is not seen. Thermal
    noise and jitter are left out on both sides.

    `keep` is a folder for decks and logs, with one folder per layer; `timeout` [s] holds for each run of ngspice.
    Raises InputError for a network without arrays and for layers it has not; SpiceError when ngspice fails.
    """
    arrays = {name: part.array for name, part in deployed.named_modules() if isinstance(part, DeployedBlock)}
    names = list(arrays) if layers is None else list(layers)
    for name in names:
        check_known(name, arrays)
    met, found = met_by(ideal, question), []
    for k, name in enumerate(names):
        layer = layer_run(name, arrays[name], met[name], threads=threads)
        window = middle(layer, size, elements)
        folder = None if keep is None else keep / name
        one = against_ngspice(layer, window, tolerance=tolerance, engine=engine, timeout=timeout, keep=folder)
        found.append(
            WindowCheck(
                layer=name,
                window=str(window),
                channels=tuple(window.channels_of(layer.array.channels)),
                size=layer.array.shape,
                measure=one.measure,
                agrees=one.measure < 1.0,
                variables={kind: float(values.max()) for kind, values in one.measures.items()},
                steps=_steps(arrays[name], met[name], window, one),
                seconds=one.seconds,
                nodes=one.nodes,
                elements=one.elements,
                reltol=one.reltol,
                ngspice=one.version,
            )
        )
        if progress is not None:
            progress("SPICE", (k + 1) / len(names))
    return found


def check_known(name: str, known: Iterable[str]) -> None:
    """InputError, with the names there are, for a layer that a network does not have."""
    names = list(known)
    if name not in names:
        raise InputError("layer", name, f"one of {', '.join(names)}", did_you_mean(name, names))


def _steps(array: DeployedArray, met: Met, window: Window, ngspice: Against) -> float:
    outputs, _ = still(array).run(*met.batch())
    ours = window.cut(outputs[0]) * array.folded.cell.V1
    return float(np.sqrt(np.mean((ours - ngspice.outputs) ** 2) / max(np.mean(ngspice.outputs**2), 1e-300)))
