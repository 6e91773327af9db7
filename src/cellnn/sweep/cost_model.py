"""What a large study, or a large array, needs: measured times scaled up, with what is assumed."""

from __future__ import annotations

from dataclasses import dataclass

from ..circuits.spec.memory import memory_need
from ..circuits.spec.models import CircuitSpec

KEY, FAILURE = 32, 160
"""Bytes of a row of the table beside its numbers, before compression."""


@dataclass(frozen=True)
class StudyCost:
    """Of a study of many chips."""

    chips: int
    core_hours: float
    """The chips' own time, and what is lost between tasks."""
    machines: int
    """Of so many cores as asked, to be done within the hours asked."""
    worker_bytes: float
    """Of each worker process."""
    table_bytes: float
    tasks: int


def study_cost(
    chips: int,
    seconds_per_chip: float,
    overhead: float,
    worker_bytes: float,
    *,
    measures: int,
    hours: float,
    cores: int,
    task_seconds: float,
) -> StudyCost:
    """Of so many chips within so many hours on machines of so many cores.

    Assumed: chips take what they took when all cores of a machine were busy; tasks are independent, so that the share
    `overhead` stays as it was measured as long as the scheduler keeps up, which takes some 1 ms for each task.
    """
    seconds = chips * seconds_per_chip / (1.0 - overhead)
    machines = -(-seconds // (hours * 3600 * cores))
    rows = chips * (KEY + FAILURE + 8 * (measures + 3))
    tasks = int(chips * seconds_per_chip / task_seconds) + 1
    return StudyCost(chips, seconds / 3600, int(max(1, machines)), worker_bytes, rows, tasks)


@dataclass(frozen=True)
class ArrayCost:
    """Of one run of one array, in one process: arrays are not cut over machines."""

    cells: int
    """Of all planes."""
    state_bytes: float
    """States, stages and buffers, and what is saved."""
    weight_bytes: float
    """Of the template; of made cells, each with its own."""
    seconds: float


def array_cost(spec: CircuitSpec, seconds_per_cell: float) -> ArrayCost:
    """Of the array of a spec, where a cell took so many seconds in a smaller array with as many channels.

    Assumed: time grows as the number of cells, the number of steps staying as it was; memory is that of
    `circuits.spec.memory`, by which runs that do not fit are refused.
    """
    need = memory_need(spec)
    channels = sum(layer.channels for layer in spec.layers)
    cells = spec.grid.rows * spec.grid.columns * channels
    return ArrayCost(
        cells, need["run.save"] + need["grid"], need["layers"] + need["hardware"], cells * seconds_per_cell
    )
