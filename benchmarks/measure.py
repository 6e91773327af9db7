"""Timing rivals in one run, and writing down what came out."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def alternate(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> dict[str, float]:
    """Time the two in turn, after one call of each to warm up: median seconds, and the ratio pair by pair.

    In turn, because the machine's speed drifts: the ratio of neighbours holds.
    """
    ours(), theirs()
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    ratios = [other / own for own, other in pairs]
    return {
        "cellnn_s": statistics.median(own for own, _ in pairs),
        "rival_s": statistics.median(other for _, other in pairs),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "rounds": rounds,
    }


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


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
