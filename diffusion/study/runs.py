"""Runs as the study reads them: the config, the log's held-out losses, the weights that were kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...devices.errors import InputError
from ..training import ConfigText, TrainedModel, load_run, read_config, train
from ..training.checkpoint import file_name, numbered, step_of
from ..training.config import TrainingConfig
from ..training.log import read_log
from ..training.model import ABOUT, WEIGHTS, read_about
from ..training.run_folder import RunFolder
from ..training.tensor_files import read_tensors
from .configs import BLOCKS, run_name

Note = Callable[[str], None]
ENDED = ("completed", "time limit")


class MissingRunsError(InputError):
    """There are too few runs of a data set to compare."""


class HeldOutPoint(NamedTuple):
    """A line of the log with a held-out loss; `seconds` are the log's own."""

    step: int
    seconds: float
    loss: float


@dataclass(frozen=True, eq=False)
class Run:
    """A run's folder. `kept` are the steps whose averaged weights are there, rising; `about` is its description."""

    name: str
    path: Path
    source: ConfigText
    about: Mapping[str, Any]
    curve: tuple[HeldOutPoint, ...]
    kept: tuple[int, ...]

    @property
    def config(self) -> TrainingConfig:
        """What it was trained with."""
        return self.source.config

    @property
    def block(self) -> str:
        """conv, cellnn or m-cellnn."""
        return self.config.network.block

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be trained."""
        return self.about.get("status") in ENDED

    def held_out(self, step: int) -> float:
        """The held-out loss at a step that the log has. Raises InputError for another."""
        for point in self.curve:
            if point.step == step:
                return point.loss
        raise InputError("", step, f"a step whose held-out loss is in {self.path / 'log.csv'}")

    def model(self, step: int, device: str = "cpu") -> TrainedModel:
        """The averaged weights of a kept step, integrated as they were trained at that step.

        A plan may begin coarsely, and weights of its beginning go with the errors of its steps: integrated as at the
        end they would be another network than the one whose held-out loss the log has.
        """
        found = load_run(self.path, step if self._snapshot(step).exists() else None, device)
        found.network.integrate_as_at((step - 1) / self.config.training.steps)
        return found

    def digest(self, step: int) -> str:
        """The SHA-256 of their content."""
        path = self._snapshot(step)
        return read_tensors(path if path.exists() else self.path / WEIGHTS)[2]

    def _snapshot(self, step: int) -> Path:
        return self.path / "snapshots" / file_name(step)


def read_run(path: Path) -> Run | str:
    """The run in a folder, or why it cannot be studied yet. Raises InputError for one that is damaged or no use."""
    folder = RunFolder(path)
    if not folder.holds_run:
        return "not trained"
    source = read_config(folder.config)
    if source.config.latent is not None:
        raise InputError("latent", "a run in latents", "a run in pixels: the study compares those", "", str(path))
    steps = {step for file in numbered(folder.snapshots) if (step := step_of(file)) is not None}
    about: dict[str, Any] = {}
    if (path / ABOUT).exists():
        about = read_about(path / ABOUT)
        steps.add(about["step"])
    elif steps:
        about = read_tensors(folder.snapshots / file_name(max(steps)))[1]
    rows = read_log(folder.log) if folder.log.exists() else []
    curve = tuple(
        HeldOutPoint(int(row["step"]), float(row["seconds"]), float(row["held_out_loss"]))
        for row in rows
        if row["held_out_loss"]
    )
    measured = {point.step for point in curve}
    if not steps & measured:
        return "begun, and no step yet has both its weights and its held-out loss"
    return Run(source.config.name, path, source, about, curve, tuple(sorted(steps & measured)))


def find_runs(runs: Path, data: str) -> tuple[dict[str, Run], dict[str, str]]:
    """The runs of a data set by block, and those that are missing with the reason. Raises InputError for a run whose
    data or block is not what its folder's name says."""
    found, missing = {}, {}
    for block in BLOCKS:
        path = runs / run_name(data, block)
        run = read_run(path)
        if isinstance(run, str):
            missing[block] = run
            continue
        if (run.config.data.name, run.block) != (data, block):
            got = f"a run of {run.config.data.name} with {run.block} blocks"
            raise InputError("", got, f"one of {data} with {block} blocks, by its name", "", str(path))
        found[block] = run
    return found, missing


def train_missing(
    configs: Mapping[str, ConfigText], runs: Path, note: Note, interrupted: Callable[[], bool] = lambda: False
) -> bool:
    """Train what has not ended, or go on with it; False when interrupted."""
    for source in configs.values():
        path = runs / source.config.name
        begun = RunFolder(path).holds_run
        if begun and (path / ABOUT).exists() and read_about(path / ABOUT).get("status") in ENDED:
            continue
        note(f"{source.config.name}: {'going on' if begun else 'training'}, {source.config.training.steps} steps")
        outcome = train(source, path, go_on=begun, note=note, interrupted=interrupted)
        note(f"{source.config.name}: {outcome.status}, step {outcome.step}, held-out loss {outcome.held_out_loss}")
        if outcome.status == "interrupted":
            return False
    return True
