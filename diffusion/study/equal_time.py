"""Equal wall-clock time: runs that end within the baseline's time, or the last snapshot within it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..data import load_images
from ..training import ConfigText, read_config
from ..training.run_folder import RunFolder
from .clock import Clock
from .configs import BASELINE, run_name
from .costs import ROUNDS, measure_clocks
from .quality import Judge
from .runs import MissingRunsError, Run, find_runs, read_run


@dataclass(frozen=True, eq=False)
class Timely:
    """Weights of within the baseline's training time: the end of an equal-time run (`own_run`), or a snapshot."""

    run: Run
    step: int
    report: Mapping[str, Any]
    own_run: bool


def equal_time_name(name: str) -> str:
    """The name of a run whose whole training takes the baseline's time."""
    return f"{name}-equal-time"


def shortened(source: ConfigText, steps: int) -> ConfigText:
    """The config of an equal-time run: fewer (or more) steps, the learning rate falling to zero at the last."""
    document = source.document
    training = {**document["training"], "steps": steps}
    if source.config.training.warmup > steps:
        training["warmup"] = steps
    if source.data_folder is not None:
        document["data"] = {**document["data"], "folder": str(source.data_folder.resolve())}
    return read_config({**document, "name": equal_time_name(source.config.name), "training": training})


def equal_time_steps(data: str, runs: Path, folder: Path | None = None, rounds: int = ROUNDS) -> dict[str, int]:
    """For each block but the baseline, the steps of a training that takes as long as the baseline's whole one.

    Raises MissingRunsError without the baseline's run.
    """
    found, _ = find_runs(runs, data)
    if BASELINE not in found:
        raise MissingRunsError("", str(runs), f"the run {run_name(data, BASELINE)}", "--train trains it")
    base = found[BASELINE]
    train = load_images(data, "train", folder if folder is not None else base.source.data_folder)
    clocks = measure_clocks(found, train, rounds)
    budget = clocks[BASELINE].seconds_at(base.config.training.steps)
    return {block: clock.steps_within(budget) for block, clock in clocks.items() if block != BASELINE}


def equal_time_configs(
    configs: Mapping[str, ConfigText], data: str, runs: Path, folder: Path | None = None
) -> dict[str, ConfigText]:
    """The configs of the equal-time runs of all blocks but the baseline; of one that is begun the steps it began with,
    which another measurement does not change. Raises as `equal_time_steps`."""
    found = {}
    for block, steps in equal_time_steps(data, runs, folder).items():
        begun = RunFolder(runs / equal_time_name(configs[block].config.name)).config
        planned = read_config(begun).config.training.steps if begun.exists() else steps
        found[block] = shortened(configs[block], planned)
    return found


def find_timely(run: Run, judge: Judge, clock: Clock, step: int, budget: float) -> Timely | None:
    """An equal-time run, if it has ended and is within the baseline's time (2 % may be rounding and other days'
    measurements); otherwise the last snapshot within it."""
    shorter = read_run(run.path.parent / equal_time_name(run.config.name))
    if isinstance(shorter, Run) and shorter.ended:
        last = shorter.kept[-1]
        if clock.of_steps(shorter.config.training.steps).seconds_at(last) <= 1.02 * budget:
            return Timely(shorter, last, judge.report(shorter, last), True)
    within = [kept for kept in run.kept if kept <= step and clock.seconds_at(kept) <= budget * (1 + 1e-9)]
    return Timely(run, within[-1], judge.report(run, within[-1]), False) if within else None
