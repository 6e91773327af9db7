"""A study from its file to its report: the one entry point."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..devices.errors import InputError
from ..devices.files import check_writable
from .check import check
from .cluster import SweepError, connected, dashboard, memory_of_worker
from .engine import Progress, Tally, renamed_values, run_missing, safe
from .sizes import TARGET
from .store import Store
from .study import Study, read_study
from .table import coordinate
from .work import work_of

Note = Callable[[str], None]
REPORT = ("report.json", "distributions.png", "sensitivity.png", "report.html")
"""What `write_report` writes beside the table."""
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
    batch_of = check(study, work, names)
    keys = [work.key(renamed_values(study.points.at(k), names)) for k in range(len(study.points))]
    with Store(Path(folder), work.measures, note) as store:
        for name in REPORT:
            check_writable(Path(folder) / name)
        known = sum(key in store for key in keys)
        if known < len(keys):
            with connected(workers, scheduler) as client:
                note(f"{known} of {len(keys)} points are there; dashboard: {dashboard(client)}")
                batch = batch_of(SHARE * memory_of_worker(client))
                tally = run_missing(study, work, keys, names, store, client, batch, progress, target)
        else:
            tally = Tally(len(keys), len(keys), ended=0.0)
        try:
            store.close(keys, coordinates(study), {"name": study.spec.name, "versions": dict(work.versions)})
        except InputError as error:
            raise SweepError(f"{safe(tally)}: {error}") from None
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
