"""Whether runs differ in the block alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .configs import BASELINE
from .runs import Run

TOLERATED = 0.02
"""By how much the numbers of parameters may differ from the baseline's."""


def differences(old: Any, new: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Every key whose values differ between two documents: its place, old and new value, in order."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [] if old == new else [(place, old, new)]
    found = []
    for key in {**old, **new}:
        found += differences(old.get(key), new.get(key), f"{place}.{key}" if place else str(key))
    return found


def inequalities(runs: Mapping[str, Run]) -> list[str]:
    """What is not equal beside the block: a sentence each, none when the comparison is fair."""
    base = runs[BASELINE]
    count = base.about["parameters"]
    found = []
    for block, run in runs.items():
        own = run.about["parameters"]
        if abs(own / count - 1) > TOLERATED:
            found.append(f"{block} has {own:,} parameters, {own / count - 1:+.1%} of {BASELINE}'s {count:,}.")
        for place, theirs, ours in differences(_common(base), _common(run)):
            found.append(f"{block}: {place} is {ours}, {BASELINE}'s {theirs}.")
        if run.about["data"] != base.about["data"]:
            found.append(f"{block} learned from other files of {base.config.data.name} than {BASELINE}.")
        if not run.ended:
            found.append(f"{block} has not ended its training: it is at step {run.kept[-1]}.")
    return found


def _common(run: Run) -> dict[str, Any]:
    """What runs must have in common; the network's widths are among it, its parameters counted above."""
    document = run.config.model_dump(mode="json")
    network = {name: document["network"][name] for name in ("channels", "parameters", "dropout")}
    kept = {name: document[name] for name in ("process", "training", "sampling", "seed")}
    return {"data": document["data"]["name"], "network": network, **kept}
