"""The study of one data set: everything that its section of the page and its pictures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...devices.errors import InputError
from ..data import ImageData, load_images
from ..measures.classifier import Classifier, load_classifier
from .ablations import Ablation, find_ablations
from .clock import Clock
from .configs import BASELINE, BLOCKS, run_name, short_name
from .costs import ROUNDS, measure_clocks
from .equal_time import Timely, find_timely
from .fairness import inequalities
from .quality import Accuracy, Estimate, Judge
from .runs import MissingRunsError, Note, Run, find_runs
from .samples import pictures
from .settings import Settings

GRID = 40
"""Samples of each block that the picture of samples has."""


@dataclass(frozen=True, eq=False)
class BlockStudy:
    """What was found for one block.

    `report` is at the step all blocks have in common, `timely` what it had within the baseline's training time (None:
    nothing was kept). `frechet` are the snapshots' distances by step.
    """

    run: Run
    digest: str
    clock: Clock
    frechet: Mapping[int, Estimate]
    report: Mapping[str, Any]
    timely: Timely | None
    held_out: list[float]
    accuracy: Accuracy | None
    samples: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DataStudy:
    """All blocks on one data set, compared at `step`, after which the baseline has taken `budget` seconds.

    `unequal` says in what the runs differ beside the block; `missing` which are not there, and why. `floor` is the
    Frechet distance of the data's own pictures, as many as the snapshots' samples.
    """

    data: ImageData
    unseen: ImageData
    classifier: Mapping[str, Any]
    settings: Settings
    blocks: Mapping[str, BlockStudy]
    step: int
    budget: float
    floor: float
    unequal: list[str]
    missing: Mapping[str, str]
    ablations: list[Ablation]

    @property
    def short(self) -> str:
        """The data set's name in the names of runs and pictures."""
        return short_name(self.data.name)

    @property
    def base(self) -> BlockStudy:
        """The baseline."""
        return self.blocks[BASELINE]


def study_data(
    data: str,
    runs: Path,
    settings: Settings,
    *,
    folder: Path | None = None,
    rounds: int = ROUNDS,
    accurate: bool = True,
    note: Note = lambda text: None,
) -> DataStudy:
    """Study the runs of a data set, whose files are in `folder` (None: where the baseline's config says).

    `accurate`: whether samples are drawn with an accurate integration, too.
    A file RUNS/lenet-DATA.safetensors is the classifier; without it the one that ships. Raises MissingRunsError unless
    there are the baseline's run and another one, and InputError for runs that have no kept step in common.
    """
    found, missing = find_runs(runs, data)
    if BASELINE not in found or len(found) < 2:
        names = [f"{run_name(data, block)} ({why})" for block, why in missing.items()]
        expected = f"the runs {', '.join(run_name(data, block) for block in BLOCKS)}: {BASELINE}'s and another at least"
        raise MissingRunsError("", str(runs), expected, f"missing: {', '.join(names)}; --train trains them")
    common = set.intersection(*(set(run.kept) for run in found.values()))
    if not common:
        steps = "; ".join(f"{run.name}: {', '.join(map(str, run.kept))}" for run in found.values())
        raise InputError("", str(runs), "runs with weights kept at the same step", steps)
    step = max(common)
    where = folder if folder is not None else found[BASELINE].source.data_folder
    train, test = load_images(data, "train", where), load_images(data, "test", where)
    classifier = find_classifier(data, runs)
    judge = Judge(train, test, classifier, settings, note)
    note(f"{short_name(data)}: measuring what a training step costs")
    clocks = measure_clocks(found, train, rounds)
    budget = clocks[BASELINE].seconds_at(step)
    blocks = {}
    for block, run in found.items():
        clock = clocks[block]
        blocks[block] = _study_block(
            run, judge, clock, step, find_timely(run, judge, clock, step, budget), accurate and block != BASELINE
        )
    return DataStudy(
        train,
        test,
        {"name": classifier.name, **classifier.description.model_dump(include={"sha256", "accuracy"})},
        settings,
        blocks,
        step,
        budget,
        judge.floor(settings.snapshot_samples),
        inequalities(found),
        missing,
        find_ablations(runs, data, found),
    )


def find_classifier(data: str, runs: Path) -> Classifier:
    """RUNS/lenet-DATA.safetensors, or the one that ships. Raises InputError, with the way to make one, without both."""
    file = runs / f"lenet-{short_name(data)}.safetensors"
    if file.exists():
        return load_classifier(data, file)
    try:
        return load_classifier(data)
    except InputError as error:
        hint = f"make one: python -m cellnn.diffusion.measures.train_lenet {data} -o {file}"
        raise InputError("classifier", data, error.expected + f", or {file}", hint) from None


def _study_block(run: Run, judge: Judge, clock: Clock, step: int, timely: Timely | None, accurate: bool) -> BlockStudy:
    report = judge.report(run, step)
    return BlockStudy(
        run=run,
        digest=run.digest(step),
        clock=clock,
        frechet={kept: judge.frechet(run, kept) for kept in run.kept},
        report=report,
        timely=timely,
        held_out=judge.held_out(run, step),
        accuracy=judge.accuracy(run, step) if accurate else None,
        samples=pictures(run, step, judge.settings)[:GRID],
    )
