"""What of the cells matters: runs named DATA-ablation-*, each next to one that differs in what its name says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .configs import short_name
from .fairness import differences
from .runs import Run, read_run


@dataclass(frozen=True)
class Ablation:
    """An ablation's held-out loss next to its reference's at the same step.

    `changes` are the keys that differ from the reference, `planned` both runs' steps: where these differ, so does the
    learning rate at the step.
    """

    name: str
    block: str
    changes: tuple[str, ...]
    step: int
    loss: float
    reference: str
    reference_loss: float
    planned: tuple[int, int]


def find_ablations(runs: Path, data: str, main: Mapping[str, Run]) -> list[Ablation]:
    """Those in the folder, by name.

    The reference is the run of the same block with as many planned steps whose network is that of the main run:
    an ablation that changes nothing, or the main run itself; where there is none, the main run. Runs whose block or
    data have no main run, or that have no held-out loss yet, are left out.
    """
    names = {short_name(data), data}
    paths = sorted({path for name in names for path in runs.glob(f"{name}-ablation-*")})
    found = [run for path in paths if isinstance(run := read_run(path), Run)]
    found = [run for run in found if run.config.data.name == data and run.block in main]
    rows = []
    for run in found:
        whole = main[run.block]
        same = [other for other in (*found, whole) if _comparable(other, run) and not _changes(whole, other)]
        reference = same[0] if same else whole
        if reference is run:
            continue
        common = {point.step for point in run.curve} & {point.step for point in reference.curve}
        if common:
            step = max(common)
            planned = (run.config.training.steps, reference.config.training.steps)
            rows.append(
                Ablation(
                    run.config.name, run.block, tuple(_changes(reference, run)), step, run.held_out(step),
                    reference.config.name, reference.held_out(step), planned,
                )
            )  # fmt: skip
    return rows


def _comparable(one: Run, other: Run) -> bool:
    return one.block == other.block and one.config.training.steps == other.config.training.steps


def _changes(reference: Run, run: Run) -> list[str]:
    """What of the network, the process or the learning differs, as `key: old -> new`."""
    parts = []
    for each in (reference, run):
        document = each.config.model_dump(mode="json", exclude={"name", "data", "sampling"})
        for key in ("steps", "evaluate_every", "snapshot_every", "sample_every", "checkpoint_every", "log_every"):
            document["training"].pop(key)
        parts.append(document)
    before, after = parts
    return [f"{place}: {_short(old)} -> {_short(new)}" for place, old, new in differences(before, after)]


def _short(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_short(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_short(part)}" for key, part in value.items() if part is not None) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)
