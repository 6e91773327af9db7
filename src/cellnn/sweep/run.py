"""A study from its file to its report: the one entry point."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..devices.errors import InputError
from .axes import RandomAxis
from .cluster import connected, dashboard, memory_of_worker
from .engine import Progress, Tally, renamed_values, run_missing
from .names import MEASURES
from .sizes import TARGET
from .store import Store
from .study import Study, read_study
from .table import coordinate
from .work import Work, work_of

Note = Callable[[str], None]
SHARE = 0.4
"""Of a worker's memory that chips in one run may take; the rest is for the program and what is drawn."""


@dataclass(frozen=True, eq=False)
class Finished:
    """A study all of whose points are there: rows in the order of its points."""

    study: Study
    tally: Tally
    values: Any
    """(points, measures)."""
    failures: list[str]
    folder: Path


def run_study(
    path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    note: Note = lambda text: None,
    progress: Progress | None = None,
    target: float = TARGET,
) -> Finished:
    """Compute what is missing of a study, and write the table of all its points to FOLDER/results.zarr.

    `workers`: processes of this machine (default: one for each core); `scheduler`: the address of a Dask scheduler,
    whose workers do it instead; `target`: seconds of a task, about, which is what a lost worker loses. No bit of the
    table depends on any of these. Raises InputError before anything is computed where the study is at fault, SweepError
    where workers or the disk fail: what was written stays, and the same call goes on.
    """
    import numpy as np

    study = read_study(path)
    work, names = work_of(study)
    batch_of = _check(study, work, names, str(path))
    keys = [work.key(renamed_values(study.points.at(k), names)) for k in range(len(study.points))]
    if len(set(keys)) != len(keys):
        raise InputError(
            "vary", "the same point twice", "points that differ", "a value stands twice in a list", str(path)
        )
    with Store(Path(folder), work.measures, note) as store:
        known = sum(key in store for key in keys)
        if known < len(keys):
            with connected(workers, scheduler) as client:
                note(f"{known} of {len(keys)} points are there; dashboard: {dashboard(client)}")
                batch = batch_of(SHARE * memory_of_worker(client))
                tally = run_missing(study, work, keys, names, store, client, batch, progress, target)
        else:
            tally = Tally(len(keys), len(keys), ended=0.0)
        store.close(keys, coordinates(study), {"name": study.spec.name, "versions": dict(work.versions)})
        rows = [store[key] for key in keys]
    return Finished(study, tally, np.array([row for row, _ in rows]), [told for _, told in rows], Path(folder))


def coordinates(study: Study) -> dict[str, Any]:
    """What was varied, a column for each place."""
    import numpy as np

    found: dict[str, Any] = {}
    stride = len(study.points)
    for axis in study.points.axes:
        stride //= len(axis)
        index = np.arange(len(study.points)) // stride % len(axis)
        found |= {place: coordinate(list(values))[index] for place, values in axis.places.items()}
    return found


def _check(study: Study, work: Work, names: Any, path: str) -> Callable[[float], int]:
    """InputError for a base or a value that is at fault; the points of one run, by the bytes a worker has for them.

    Every value of every list and grid is tried with the first of all others, of what is random the least and the most.
    """
    if work.kind == "deployment":
        from .deployments import check

        check(study, work)
        return lambda memory: 1
    from .circuits import CircuitRunner, batch_size

    runner = CircuitRunner(work)
    first = study.points.at(0)
    for axis in study.points.axes:
        for place, values in axis.places.items():
            if place.startswith("seed."):
                tried = [values[0]]
            elif isinstance(study.spec.vary.get(place), RandomAxis):
                tried = [min(values), max(values)]
            else:
                tried = list(values)
            for value in tried:
                try:
                    runner.spec(renamed_values(first | {place: value}, names))
                except InputError as error:
                    told = f"{error.place}: {error.expected}" if error.place != place else error.expected
                    raise InputError(f"vary.{place}", value, told, error.hint, path) from None
    try:
        spec = runner.spec(renamed_values(first, names))
        runner.circuit(renamed_values(first, names))
    except InputError as error:
        raise error.in_file(f"{path}, its base") from None
    for name in work.measures:
        if MEASURES[name].settles and spec.run.settle is None:
            raise InputError(
                "measures", name, "run.settle in the base, which says what rest is", "run: {settle: 0.01}", path
            )
    return lambda memory: batch_size(spec, memory)
