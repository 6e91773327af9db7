"""What a worker does with some points: build, run, measure."""

from __future__ import annotations

import json
import resource
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError, SimulationError
from .work import Work, versions

Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Done:
    """What came of some points: values (points, measures), NaN where a point failed, and why it did (empty: it did
    not). `wrong`: the input was at fault, and nothing else is told."""

    values: NDArray[np.float64]
    failures: tuple[str, ...]
    seconds: float
    """That it took the worker."""
    warm_seconds: float = 0.0
    """Of these, for what a worker does once."""
    memory: int = 0
    """The most bytes the worker has held so far."""
    wrong: str = ""
    wrong_point: int = 0
    """Which of the points was at fault."""


class _Prepared:
    """What this process keeps between tasks: one runner for each work, by its digest."""

    def __init__(self) -> None:
        self._runners: dict[str, Any] = {}

    def of(self, work: Work) -> tuple[Any, float]:
        """The runner, and the seconds it took to make."""
        if work.digest in self._runners:
            return self._runners[work.digest], 0.0
        began = time.perf_counter()
        self._runners.clear()  # a worker serves one study at a time
        runner = self._runners[work.digest] = _runner(work)
        return runner, time.perf_counter() - began


_PREPARED = _Prepared()
_TURN = threading.Lock()


def run_points(work: Work, points: Sequence[Values], batch: int) -> Done:
    """Run these points, at most `batch` of them in one go. Threads of one process take turns: what is kept between
    tasks is of the last point that ran."""
    with _TURN:
        return _run_points(work, points, batch)


def _run_points(work: Work, points: Sequence[Values], batch: int) -> Done:
    began = time.perf_counter()
    here = versions(work.kind)
    if dict(work.versions) != here:
        told = f"expected the versions of the client, {json.dumps(dict(work.versions))}; got {json.dumps(here)}"
        return _wrong(f"a worker: {told} (install the same on all machines)", began)
    try:
        runner, warm = _PREPARED.of(work)
        rows: list[list[float]] = []
        failures: list[str] = []
        for start in range(0, len(points), batch):
            part = points[start : start + batch]
            try:
                ran = runner.run(part)
            except InputError as error:
                number, error = _culprit(runner, part, error)
                return _wrong(str(error), began, start + number)
            for found in ran:
                failed = isinstance(found, SimulationError)
                rows.append([float("nan")] * len(work.measures) if failed else found)
                failures.append(" ".join(str(found).split()) if failed else "")
    except InputError as error:
        return _wrong(str(error), began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    values = np.array(rows, np.float64).reshape(len(points), len(work.measures))
    return Done(values, tuple(failures), time.perf_counter() - began, warm, memory)


def _culprit(runner: Any, points: Sequence[Values], error: InputError) -> tuple[int, InputError]:
    """Which of points that were run together raised the error: the first that does so alone."""
    for k, values in enumerate(points if len(points) > 1 else ()):
        try:
            runner.run([values])
        except InputError as own:
            return k, own
    return 0, error


def _wrong(told: str, began: float, number: int = 0) -> Done:
    return Done(np.empty((0, 0)), (), time.perf_counter() - began, wrong=told, wrong_point=number)


def _runner(work: Work) -> Any:
    if work.kind == "deployment":
        from .deployments import DeploymentRunner

        return DeploymentRunner(work)
    from .circuits import CircuitRunner

    return CircuitRunner(work)
