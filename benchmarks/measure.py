"""Timing rivals in one run, and writing down what came out.

A row of results.json names a `rival`, and holds either `cellnn_s` and `rival_s` (seconds) or `cellnn_rate` and
`rival_rate` with their `unit`; `ratio`, `ratio_min` and `ratio_max` say how many times faster the project is. A `case`
tells apart the rows of a question that asks several. What a page says below its table are the results' `notes`.
"""

from __future__ import annotations

import datetime
import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def alternate(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> dict[str, Any]:
    """Time the two in turn, after one call of each to warm up: median seconds, and the ratio pair by pair.

    In turn, because the machine's speed drifts: the ratio of neighbours holds. What takes less than 50 ms is called
    again and again for a tenth of a second, and the mean counts: a single short call after seconds of another program
    measures caches that this program has not filled yet.
    """
    ours(), theirs()
    own, other, ratios = _pairs(lambda: mean_seconds(ours), lambda: mean_seconds(theirs), rounds)
    return {"cellnn_s": own, "rival_s": other, **ratios}


def alternate_steps(
    ours: Callable[[int], Any],
    theirs: Callable[[int], Any],
    lengths: tuple[int, int],
    rival_lengths: tuple[int, int],
    cells: int,
    rounds: int,
) -> dict[str, Any]:
    """Time steps in turn: median rates in 1e9 cell-steps/s, and the ratio pair by pair.

    `ours(n)` takes n steps of the same array. The seconds of a step are the difference of two lengths of a run: what a
    run costs before its first step cancels.
    """
    ours(min(lengths)), theirs(min(rival_lengths))
    own, other, ratios = _pairs(
        lambda: step_seconds(ours, lengths), lambda: step_seconds(theirs, rival_lengths), rounds
    )
    return {
        "cellnn_rate": cells / own * 1e-9,
        "rival_rate": cells / other * 1e-9,
        "unit": "G cell-steps/s",
        **ratios,
    }


def step_seconds(run: Callable[[int], Any], lengths: tuple[int, int]) -> float:
    """Seconds of one step, from runs of two lengths; each the shorter of two tries."""
    short, long = (min(seconds(lambda n=n: run(n)) for _ in range(2)) for n in sorted(lengths))  # type: ignore[misc]
    return max(long - short, 1e-12) / abs(lengths[1] - lengths[0])


def mean_seconds(call: Callable[[], Any]) -> float:
    """Seconds of a call; of a short one, the mean of many, each with the memory of the one before at hand."""
    once = seconds(call)
    if once >= 0.05:
        return once
    count = max(2, round(0.1 / max(once, 1e-6)))
    return sum(seconds(call) for _ in range(count)) / count


def seconds(call: Callable[[], Any]) -> float:
    """Seconds of one call, without Python's garbage collection, as the standard library's timeit does it: a collection
    takes 25 ms where many modules are loaded, and comes when it likes."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start
    finally:
        gc.enable()


def _pairs(
    own: Callable[[], float], other: Callable[[], float], rounds: int
) -> tuple[float, float, dict[str, float | int]]:
    """Medians of both over rounds in turn, and what their ratios were."""
    pairs = [(own(), other()) for _ in range(rounds)]
    ratios = [theirs / ours for ours, theirs in pairs]
    spread = {"ratio": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios), "rounds": rounds}
    return statistics.median(ours for ours, _ in pairs), statistics.median(theirs for _, theirs in pairs), spread


def circumstances(*packages: str) -> dict[str, Any]:
    """Date, machine and versions."""
    versions = {}
    for package in ("cellnn", "numpy", "numba", *packages):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "missing"
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": versions,
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write_results(folder: Path, content: dict[str, Any]) -> None:
    """results.json beside the runner."""
    (folder / "results.json").write_text(json.dumps(content, indent=2) + "\n")
