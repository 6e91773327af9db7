"""report.json and report.html of a study: distributions, yield, sensitivity, and what it took."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..devices.files import replacing
from .names import MEASURES
from .page import number, page, share
from .reduce import distribution, meets, plain, yield_of
from .run import Finished
from .sensitivity import sensitivity


def report_of(finished: Finished) -> dict[str, Any]:
    """All figures: what a study found, the same however it was computed."""
    spec, points = finished.study.spec, finished.study.points
    cases = []
    for k, fixed in enumerate(points.cases):
        part = slice(k * points.draws, (k + 1) * points.draws)
        cases.append({"where": fixed, "points": points.draws} | _case(finished, part))
    return {
        "study": 1,
        "name": spec.name,
        "points": len(points),
        "failed": [{"point": k, "why": told} for k, told in enumerate(finished.failures) if told],
        "measures": {name: {"text": MEASURES[name].text, "unit": MEASURES[name].unit} for name in spec.measures},
        "cases": cases,
    }


def _case(finished: Finished, part: slice) -> dict[str, Any]:
    spec, points = finished.study.spec, finished.study.points
    columns = {name: finished.values[part, k] for k, name in enumerate(spec.measures)}
    found: dict[str, Any] = {"distributions": {}}
    for name, values in columns.items():
        kept = plain(distribution(values, spec.quantiles))
        told = {key: kept[key] for key in ("count", "without")}
        told |= {key: value for key, value in kept.items() if key in _kept_keys(spec.reduce)}
        if "all" in spec.reduce:
            told["values"] = [float(value) if np.isfinite(value) else None for value in values]
        found["distributions"][name] = told
    if spec.specification:
        met = {name: meets(columns[name], limit.below, limit.above) for name, limit in spec.specification.items()}
        found["yield"] = {
            "of_all": plain(yield_of(np.logical_and.reduce(list(met.values())), spec.confidence, spec.interval)),
            "of_each": {name: plain(yield_of(one, spec.confidence, spec.interval)) for name, one in met.items()},
        }
    if spec.sensitivity is not None:
        found["sensitivity"] = {name: sensitivity(spec, points, values) for name, values in columns.items()}
    return found


def _kept_keys(reduce: Sequence[str]) -> set[str]:
    keys = {"mean": ("mean", "mean_error"), "std": ("std",), "least": ("least",), "largest": ("largest",)}
    return {key for name in reduce for key in keys.get(name, (name,))}


def took(finished: Finished) -> dict[str, Any]:
    """What this run took, which differs from run to run: not in the report's file."""
    tally = finished.tally
    busy = tally.busy - tally.warm
    idle = max(0.0, tally.workers * tally.seconds - tally.busy)
    return {
        "points_known": tally.known,
        "points_computed": tally.done,
        "tasks": tally.tasks,
        "workers": tally.workers,
        "seconds": tally.seconds if tally.done else 0.0,
        "seconds_per_point": busy / tally.done if tally.done else None,
        "warm_seconds": tally.warm,
        "seconds_between_tasks": idle / tally.tasks if tally.tasks else None,
        "overhead": idle / (tally.workers * tally.seconds) if tally.done and tally.workers else None,
        "memory_bytes": [{"points": points, "largest_worker": size} for points, size in tally.memory],
    }


def write_report(finished: Finished, folder: Path) -> list[Path]:
    """report.json, pictures and report.html. Raises InputError when they cannot be written."""
    from ..plots.files import save_figure
    from ..plots.sweep import plot_distributions, plot_sensitivity

    content = report_of(finished)
    written = [folder / "report.json", folder / "distributions.png"]
    with replacing(written[0]) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
    save_figure(plot_distributions(finished.study, finished.values), written[1])
    if finished.study.spec.sensitivity is not None and any(
        one["shares"] for case in content["cases"] for one in case["sensitivity"].values()
    ):
        written.append(folder / "sensitivity.png")
        save_figure(plot_sensitivity(content), written[-1])
    path = folder / "report.html"
    with replacing(path) as temporary:
        temporary.write_text(page(content, [path.name for path in written[1:]]), "utf-8")
    return [*written, path]


def lines(content: dict[str, Any]) -> list[str]:
    """The report in a few lines."""
    found = [f"{content['points']} points, {len(content['failed'])} failed"]
    for case in content["cases"][:20]:
        where = ", ".join(f"{place} {value}" for place, value in case["where"].items())
        where = f"{where}: " if where else ""
        for name, one in case["distributions"].items():
            spread = "" if one.get("std") is None else f" +- {number(one['std'])}"
            without = f" ({one['without']} without)" if one["without"] else ""
            text = f"{name} {number(one.get('mean'))}{spread} {content['measures'][name]['unit']}".rstrip()
            found.append(f"{where}{text}{without}")
        if "yield" in case:
            found.append(f"{where}yield {share(case['yield']['of_all'])}")
    if len(content["cases"]) > 20:
        found.append(f".. and {len(content['cases']) - 20} more cases in report.json")
    return found
