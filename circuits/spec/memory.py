"""What a run will need of memory, from its spec alone."""

from __future__ import annotations

import psutil

from ...devices.errors import InputError
from .models import CircuitSpec

WORKING_ARRAYS = 16
"""Arrays of the state's size that stand beside the results: the stages of the widest stepper and its buffers."""


def memory_need(spec: CircuitSpec) -> int:
    """Bytes for the results of all layers, the working arrays and the template weights."""
    cells = spec.grid.rows * spec.grid.columns
    states = 1 if spec.cell.memristor is None else 2
    results = sum(layer.channels * cells * (states + 1) * spec.run.save for layer in spec.layers)
    widest = max(layer.channels for layer in spec.layers)
    working = widest * cells * states * WORKING_ARRAYS
    inputs = [1, *(layer.channels for layer in spec.layers[:-1])]
    weights = sum(layer.channels * (layer.channels + n) * 9 for layer, n in zip(spec.layers, inputs, strict=True))
    return 8 * (results + working + weights)


def check_memory(spec: CircuitSpec) -> None:
    """InputError when the machine has less memory to spare than the run needs."""
    need, spare = memory_need(spec), psutil.virtual_memory().available
    if need > spare:
        size = f"{spec.grid.rows} x {spec.grid.columns} cells, {spec.run.save} times"
        expected = f"a run that fits into the {spare / 2**30:.1f} GiB of memory at hand"
        raise InputError("grid", size, expected, f"it needs {need / 2**30:.3g} GiB: fewer cells, channels or run.save")
