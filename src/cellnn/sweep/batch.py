"""Many chips in one run: the simulator's Monte Carlo axis.

The batched engine gives a chip the same bits whatever runs beside it; which chips share a run is therefore a matter of
time and memory alone. What that engine does not take - cells that are all equal, thermal noise - runs by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..circuits.array import CellArray
from ..circuits.circuit import Circuit
from ..circuits.hardware import Border, Hardware
from ..circuits.own_values import OwnValues
from ..circuits.row_memory import empty_rows
from ..devices.errors import SimulationError
from ..simulator.engines import Precision, integrate
from ..simulator.problem import Problem
from ..simulator.trajectory import Trajectories, ended
from .ran import Array, LayerRan, Ran


def run_all(circuits: Sequence[Circuit], precision: Precision) -> list[Ran | SimulationError]:
    """Each circuit's run, or how it failed; circuits that can share a run do.

    One that fails does not take others with it: they then run alone, which gives the same bits.
    """
    found: list[Ran | SimulationError] = []
    start = 0
    while start < len(circuits):
        end = start + 1
        while end < len(circuits) and alike(circuits[start], circuits[end]):
            end += 1
        found += _together(circuits[start:end], precision)
        start = end
    return found


def _together(circuits: Sequence[Circuit], precision: Precision) -> list[Ran | SimulationError]:
    try:
        return list(_run(circuits, precision))
    except SimulationError as error:
        if len(circuits) == 1:
            return [error]
        return [ran for circuit in circuits for ran in _together([circuit], precision)]


def alike(one: Circuit, other: Circuit) -> bool:
    """Whether two circuits may share a run: they differ in what cells have of their own, and in nothing else."""
    if _alone(one) or _alone(other) or one.run != other.run or len(one.arrays) != len(other.arrays):
        return False
    return all(_same_array(a, b) for a, b in zip(one.arrays, other.arrays, strict=True))


def _alone(circuit: Circuit) -> bool:
    made = circuit.hardware
    jitter = made is not None and made.jitter != 0.0
    batch = circuit.input.ndim == 4 and len(circuit.input) > 1  # then the axis is taken
    return circuit.noise is not None or jitter or batch or any(array.own is None for array in circuit.arrays)


def _same_array(one: CellArray, other: CellArray) -> bool:
    a, b = one.own, other.own
    assert a is not None and b is not None
    return (
        one.cell == other.cell
        and (one.name, one.boundary, one.shape) == (other.name, other.boundary, other.shape)
        and all(np.array_equal(getattr(one.template, n), getattr(other.template, n)) for n in ("A", "B", "z"))
        and all(_kind(getattr(a, name)) == _kind(getattr(b, name)) for name in ("A", "B", "z"))
        and tuple(a.parameters) == tuple(b.parameters)
        and a.chips == b.chips == 1
    )


def _kind(values: Any) -> Any:
    return None if values is None else (values.dtype, values.shape)


def _run(circuits: Sequence[Circuit], precision: Precision) -> list[Ran]:
    """All layers of circuits that are alike, or of one."""
    inputs = [c.input if c.input.ndim == 4 else c.input[np.newaxis] for c in circuits]
    names = [array.name for array in circuits[0].arrays]
    borders = [[Border(c.hardware or Hardware(), c.seeds, name) for name in names] for c in circuits]
    first = circuits[0]
    u = np.concatenate([border[0].driven(given) for border, given in zip(borders, inputs, strict=True)])
    layers: list[list[LayerRan]] = [[] for _ in circuits]
    each = len(inputs[0])
    last = u
    for number in range(len(names)):
        arrays = [c.arrays[number] for c in circuits]
        run = first.run
        if first.hardware is not None and first.hardware.jitter:
            run = run.model_copy(update={"stop": borders[0][number].stop(run.stop)})
        states = np.stack([arrays[k // each].start(one) for k, one in enumerate(u)], axis=1)
        found = integrate(
            Problem(_stacked(arrays), u, states), run, layer=number, noise=first.noise,
            seed=first.seeds.get("noise", 1), precision=precision, threads=1,
        )  # fmt: skip
        for k, ran in enumerate(layers):
            ran.append(_of_chip(arrays[k], found, slice(k * each, (k + 1) * each)))
        u = last = np.asarray(found.outputs[:, -1], np.float64) / arrays[0].cell.V1
    read = [borders[k][-1].read(last[k * each : (k + 1) * each]) for k in range(len(circuits))]
    return [Ran(c, tuple(ran), y) for c, ran, y in zip(circuits, layers, read, strict=True)]


def _of_chip(array: CellArray, found: Trajectories, samples: slice) -> LayerRan:
    """What it did until it came to rest, whatever ran beside it."""
    settling = None if found.settling is None else found.settling[samples]
    own = ended(replace(found, states=found.states[:, samples], outputs=found.outputs[samples], settling=settling))
    return LayerRan(array, own.times, own.states, own.outputs, own.settling)


def _stacked(arrays: Sequence[CellArray]) -> CellArray:
    """One array with the own values of all, chip after chip."""
    if len(arrays) == 1:
        return arrays[0]
    owns = [array.own or OwnValues() for array in arrays]

    weights = {
        name: None if getattr(owns[0], name) is None else _joined([getattr(own, name) for own in owns])
        for name in ("A", "B", "z")
    }
    parameters = {name: _joined([own.parameters[name] for own in owns]) for name in owns[0].parameters}
    return replace(arrays[0], own=OwnValues(**weights, parameters=parameters))


def _joined(values: Sequence[Array]) -> Array:
    """Values (1, .., rows, columns) behind each other, in the memory order of weights: rows first."""
    _, *design, rows, columns = values[0].shape
    memory = empty_rows((), len(values) * rows * int(np.prod(design)), columns, values[0].dtype)
    room = memory.reshape(len(values), rows, *design, columns)
    for place, value in zip(room, values, strict=True):
        place[...] = np.moveaxis(value[0], -2, 0)
    planes: Array = np.moveaxis(room, 1, -2)
    planes.flags.writeable = False
    return planes
