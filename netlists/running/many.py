"""Many decks at once, each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

from ...devices.errors import InputError
from .errors import SpiceError
from .processes import Children
from .run import Engine, check, run_checked
from .waves import Waves


@dataclass(frozen=True)
class Job:
    """A deck with the time [s] it has to reach and the nodes it has to have."""

    text: str
    stop: float
    expect: Sequence[str] | None = None


@overload
def run_decks(
    jobs: Sequence[Job | str],
    workers: int | None = ...,
    *,
    stop: float | None = ...,
    expect: Sequence[str] | None = ...,
    engine: Engine = ...,
    timeout: float | None = ...,
    keep: Path | None = ...,
    errors: Literal["raise"] = ...,
) -> list[Waves]: ...
@overload
def run_decks(
    jobs: Sequence[Job | str],
    workers: int | None = ...,
    *,
    stop: float | None = ...,
    expect: Sequence[str] | None = ...,
    engine: Engine = ...,
    timeout: float | None = ...,
    keep: Path | None = ...,
    errors: Literal["return"],
) -> list[Waves | SpiceError]: ...
def run_decks(
    jobs: Sequence[Job | str],
    workers: int | None = None,
    *,
    stop: float | None = None,
    expect: Sequence[str] | None = None,
    engine: Engine = "batch",
    timeout: float | None = 600.0,
    keep: Path | None = None,
    errors: Literal["raise", "return"] = "raise",
) -> list[Waves] | list[Waves | SpiceError]:
    """Run decks on `workers` processes at a time (default: this process's cores); results in the order of the jobs.

    Decks given as text have `stop` and `expect` in common; `timeout` holds for each; with `keep`, the deck of job 7 is
    in `keep`/0007. A run that fails does not end the others: after all of them, the first SpiceError is raised, saying
    how many there are - or, with errors="return", each stands in its place in the list. Raises InputError before
    anything runs when an argument is at fault, and otherwise as `run_deck`.
    """
    todo = [_job(k, job, stop, expect) for k, job in enumerate(jobs)]
    folders = [None if keep is None else Path(keep) / f"{k:04d}" for k in range(len(todo))]
    if workers is not None and workers < 1:
        raise InputError("workers", workers, "a number of processes, at least 1")
    if errors not in ("raise", "return"):
        raise InputError("errors", errors, "raise or return")
    for k, (job, folder) in enumerate(zip(todo, folders, strict=True)):
        try:
            check(job.text, job.stop, engine, timeout, folder)
        except InputError as error:
            raise error.at(f"jobs[{k}]") from None
    children = Children()

    def run(k: int) -> Waves | SpiceError:
        job = todo[k]
        try:
            return run_checked(job.text, job.stop, job.expect, engine, timeout, folders[k], children)
        except SpiceError as error:
            return error

    pool = ThreadPoolExecutor(min(workers or _cores(), max(len(todo), 1)), "cellnn-ngspice")
    try:  # threads only wait: the work is done by the processes they have started
        results = list(pool.map(run, range(len(todo))))
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        children.kill()
        raise
    finally:
        pool.shutdown()
    if errors == "return":
        return results
    failed = [result for result in results if isinstance(result, SpiceError)]
    if failed:
        more = f" ({len(failed)} of {len(todo)} decks failed; this is the first)" if len(todo) > 1 else ""
        raise SpiceError(failed[0].summary + more, failed[0].tail, failed[0].folder)
    return [result for result in results if isinstance(result, Waves)]


def _job(k: int, job: Job | str, stop: float | None, expect: Sequence[str] | None) -> Job:
    if isinstance(job, Job):
        return job
    if stop is None:
        raise InputError(f"jobs[{k}]", job[:40], "a Job, or a stop time for all decks")
    return Job(job, stop, expect)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
