"""A window of a deployed layer in ngspice, beside the grid simulator's run of the layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ....netlists.analysis import Accuracy, nodes_of, signals
from ....netlists.crosscheck import LEVELS, their_waves
from ....netlists.measure import Tolerance, rms_normalised
from ....netlists.running import run_deck
from ....netlists.running.run import Engine
from ....netlists.size import size_of
from ....netlists.window import Window
from ....netlists.windowed import window_deck
from .layer import LayerRun

Array = NDArray[Any]
SETTLED = 0.3
"""By this measure ngspice may move from one accuracy to the next before its answer counts."""


@dataclass(frozen=True, eq=False)
class Against:
    """What ngspice says of a window."""

    measures: dict[str, Array]
    """By variable - v, y, and x of memristors -, of each cell (channels, rows, columns): below 1 the two agree."""
    outputs: Array
    """ngspice's at the end [V], (channels, rows, columns)."""
    seconds: float
    nodes: int
    elements: int
    reltol: float
    """ngspice's tolerance at which the verdict fell."""
    version: str

    @property
    def measure(self) -> float:
        """That of the worst cell and variable."""
        return max(float(values.max()) for values in self.measures.values())


def against_ngspice(
    layer: LayerRun,
    window: Window,
    *,
    tolerance: Tolerance | None = None,
    engine: Engine = "batch",
    timeout: float | None = 120.0,
    keep: Path | None = None,
) -> Against:
    """The layer's window in ngspice, asked more accurately until the two agree or ngspice agrees with itself.

    Raises SpiceError when ngspice fails, InputError for arguments at fault.
    """
    before: dict[str, Array] | None = None
    seconds = 0.0
    for level in LEVELS:
        text = window_text(layer, window, level)
        expect = [name for signal in signals(layer.array, 0, window) for name in nodes_of(signal, layer.array.channels)]
        waves = run_deck(text, stop=layer.circuit.run.stop, expect=expect, engine=engine, timeout=timeout, keep=keep)
        seconds += waves.seconds
        theirs: dict[str, Array] = {}
        measures: dict[str, Array] = {}
        moved = 0.0
        for signal in signals(layer.array, 0, window):
            kind, unit = signal[0], 1.0 if signal[0] == "x" else layer.array.cell.V1
            ours = window.cut(layer.waves(kind))
            found = their_waves(layer.array, signal, layer.array.channels, waves, layer.times).reshape(ours.shape)
            found[0] = ours[0]  # both start there: ngspice's first point is its first step
            theirs[kind] = found
            measures[kind] = rms_normalised(ours, found, tolerance or Tolerance(), unit)
            if before is not None:
                moved = max(moved, float(rms_normalised(before[kind], found, tolerance or Tolerance(), unit).max()))
        result = Against(measures, theirs["y"][-1], seconds, *size_of(text), level.reltol, waves.version)
        if result.measure < 1.0 or (before is not None and moved < SETTLED):
            break
        before = theirs
    return result


def window_text(layer: LayerRun, window: Window, accuracy: Accuracy) -> str:
    """The deck of the window: its cells, and around them sources of inputs and of what the neighbours put out."""
    corners = len(layer.times)
    return window_deck(layer.circuit, 0, window, layer.planes, layer.times, layer.outputs, accuracy, points=corners)
