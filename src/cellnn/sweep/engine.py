"""Hands points to workers and their results to the store, until all are there.

Only this process writes. A task that a lost worker had goes to another one; what a lost scheduler had is in the store
as far as it was done.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..devices.errors import CellnnError, InputError
from .cluster import SweepError
from .sizes import AHEAD, TARGET, Sizes
from .store import Store
from .study import Study
from .tasks import Done, run_points
from .work import Work

if TYPE_CHECKING:
    from distributed import Client, Future

LOSSES = 3
"""Times in a row that all workers may be lost together, and with them what was sent to them once."""


@dataclass
class Tally:
    """What a run took, as it goes."""

    total: int
    """Points of the study."""
    known: int
    """Of these, points that were in the store already."""
    done: int = 0
    tasks: int = 0
    busy: float = 0.0
    """Seconds of all workers within tasks."""
    warm: float = 0.0
    """Of these, seconds for what each does once."""
    memory: list[tuple[int, int]] = field(default_factory=list)
    """(points done, the most bytes any worker has held), each time it grew."""
    workers: int = 0
    began: float = field(default_factory=time.perf_counter)
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """Since the first task was sent."""
        return (self.ended or time.perf_counter()) - self.began

    @property
    def left(self) -> float | None:
        """Seconds the rest is going to take, at the pace so far."""
        todo = self.total - self.known - self.done
        return None if not self.done else todo * self.seconds / self.done


Progress = Callable[[Tally], None]


def run_missing(
    study: Study, work: Work, keys: Sequence[bytes], names: Any, store: Store, client: Client, batch: int,
    progress: Progress | None = None, target: float = TARGET,
) -> Tally:  # fmt: skip
    """Compute every point whose key is not in the store.

    Raises InputError for a point whose values are at fault, SweepError where workers or the disk fail.
    """
    from distributed import as_completed

    missing = deque(_to_do(keys, store))
    tally = Tally(len(keys), len(keys) - len(missing))
    sizes = Sizes(batch, target)
    flying: dict[Future, list[int]] = {}
    lost: list[int] = []
    losses = 0
    shared = _scattered(client, work)
    stream = as_completed([], raise_errors=False)

    def send(numbers: list[int]) -> None:
        points = [renamed_values(study.points.at(k), names) for k in numbers]
        future = client.submit(run_points, shared, points, batch, pure=False, priority=-numbers[0])
        flying[future] = numbers
        stream.add(future)

    def fill() -> None:
        workers = tally.workers = max(1, len(client.nthreads()))
        while missing and len(flying) < AHEAD * workers:
            send([missing.popleft() for _ in range(sizes.next(len(missing), workers))])

    fill()
    while flying:
        future = next(stream)
        numbers = flying.pop(future)
        if future.status == "finished":
            losses = 0
            _keep(store, future.result(), [keys[k] for k in numbers], numbers, tally, sizes, study)
            if progress:
                progress(tally)
        elif future.status == "error" and (error := future.exception()) is not None and not _is_lost(error):
            if not _is_killed(error):
                raise error
            if len(numbers) == 1:
                where = study.points.at(numbers[0])
                told = f"point {numbers[0]} ({_told(where)}) has ended several workers, likely for want of memory"
                raise SweepError(f"{told}; {safe(tally)}")
            half = len(numbers) // 2
            send(numbers[:half])
            send(numbers[half:])
        else:  # all workers that held the work are gone, and so are all tasks: when the last is known, begin again
            lost += numbers
        del future
        if lost and not flying:
            losses += 1
            if losses > LOSSES or client.status != "running":
                raise SweepError(f"scheduler or workers have gone; {safe(tally)}")
            missing.extendleft(sorted(lost, reverse=True))
            lost.clear()
            shared = _scattered(client, work)
        if not lost:
            fill()
    tally.ended = time.perf_counter()
    return tally


def _to_do(keys: Sequence[bytes], store: Store) -> Iterator[int]:
    """Points whose work is not in the store; draws may be equal: each work is done once."""
    seen = set()
    for k, key in enumerate(keys):
        if key not in store and key not in seen:
            seen.add(key)
            yield k


def renamed_values(values: dict[str, Any], names: Any) -> dict[str, Any]:
    """Values in which files have the names of their contents."""
    from .files import renamed

    return {
        place: renamed(value, names) if isinstance(value, (str, dict, list)) else value
        for place, value in values.items()
    }


def _keep(
    store: Store, done: Done, keys: list[bytes], numbers: list[int], tally: Tally, sizes: Sizes, study: Study
) -> None:
    if done.wrong:
        raise InputError("", _told(study.points.at(numbers[done.wrong_point])), "points that can be run", done.wrong)
    try:
        store.add(keys, done.values, done.failures)
    except InputError as error:
        raise SweepError(f"{safe(tally)}: {error}") from None
    tally.done, tally.tasks = tally.done + len(keys), tally.tasks + 1
    tally.busy, tally.warm = tally.busy + done.seconds, tally.warm + done.warm_seconds
    sizes.took(len(keys), done.seconds - done.warm_seconds)
    if not tally.memory or done.memory > tally.memory[-1][1]:
        tally.memory.append((tally.done, done.memory))


def _scattered(client: Client, work: Work) -> Any:
    """The work on every worker, sent once."""
    try:
        client.wait_for_workers(1, timeout=60)
        return client.scatter(work, broadcast=True, hash=False)
    except Exception as error:  # noqa: BLE001  (tornado's, asyncio's and Dask's own ways of saying that nobody is there)
        if isinstance(error, CellnnError):
            raise
        raise SweepError(f"no worker answers: {type(error).__name__}") from None


def _is_killed(error: BaseException) -> bool:
    from distributed import KilledWorker

    return isinstance(error, KilledWorker)


def _is_lost(error: BaseException) -> bool:
    from distributed.client import FutureCancelledError

    return isinstance(error, FutureCancelledError)


def safe(tally: Tally) -> str:
    """What was written, for the message of a study that fails."""
    there = tally.known + tally.done
    return f"{there} of {tally.total} points are in the store, and the same command goes on from there"


def _told(values: dict[str, Any]) -> str:
    return ", ".join(f"{place}: {value}" for place, value in values.items()) or "the base"
