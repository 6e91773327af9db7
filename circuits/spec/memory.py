"""What a run will need of memory, from its spec alone."""

from __future__ import annotations

import psutil

from ...devices.errors import InputError
from .models import CircuitSpec

WORKING_ARRAYS = 16
"""Arrays of the state's size that stand beside the results: the stages of the widest stepper and its buffers."""
OVERHEAD = 1.05
"""What the allocator and the writing of the file add."""
WEIGHTS_OF_CELLS = 8
"""Numbers for each weight of each cell, where cells have their own: conductances of a pair, what is drawn, sums."""
PROGRAM = 128 * 2**20
"""Bytes for the libraries and the compiler."""


def memory_need(spec: CircuitSpec, samples: int = 1) -> dict[str, float]:
    """Bytes by what asks for them: the results of all layers, the working arrays, the template weights, and the weights
    of made cells."""
    cells = spec.grid.rows * spec.grid.columns
    states = len(spec.cell.circuit_of_cell().states)
    shown = states + 1 + (spec.cell.circuit == "second-order")  # outputs; currents, made of a state
    channels = [layer.channels for layer in spec.layers]
    planes = [spec.layers[0].template.input_planes or channels[0], *channels[:-1]]
    weights = sum(
        out * (out + into) * layer.template.kernel_size
        for layer, out, into in zip(spec.layers, channels, planes, strict=True)
    )
    numbers = {
        "run.save": samples * sum(channels) * cells * shown * spec.run.save,
        "grid": samples * (max(channels) * cells * states * WORKING_ARRAYS + 3 * sum(planes) * cells),
        "layers": weights,
        "hardware": WEIGHTS_OF_CELLS * weights * cells if _own_weights(spec) else 0,
    }
    return {place: 8 * OVERHEAD * number for place, number in numbers.items()} | {"program": PROGRAM}


def _own_weights(spec: CircuitSpec) -> bool:
    """Whether cells have weights of their own."""
    made = spec.hardware
    if made is None:
        return False
    of_synapses = made.quantisation, made.programming, made.drift, made.faults, made.read
    of_chips = () if made.mismatch is None else (made.mismatch.weights, made.mismatch.gain)
    return any(effect is not None for effect in of_synapses) or any(spread.active for spread in of_chips)


def check_memory(spec: CircuitSpec, samples: int = 1) -> None:
    """InputError when the machine has less memory to spare than the run needs, at what asks for most of it."""
    need, spare = memory_need(spec, samples), psutil.virtual_memory().available
    total = sum(need.values())
    if total > spare:
        place = max(("run.save", "grid", "layers", "hardware"), key=lambda key: need[key])
        # a grid that could not even be held at two times is itself too large
        if place == "run.save" and 2 * need[place] / spec.run.save > spare:
            place = "grid"
        channels = sum(layer.channels for layer in spec.layers)
        size = f"{spec.grid.rows} x {spec.grid.columns} cells, {channels} channel(s), {spec.run.save} times"
        expected = f"a run that fits into the {spare / 2**30:.1f} GiB of memory at hand"
        hint = f"it needs {total / 2**30:.3g} GiB: fewer cells, channels or run.save"
        raise InputError(place, size, expected, hint)
