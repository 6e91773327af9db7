"""`cellnn train`: a config in, the folder of a trained model out."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import JsonOption, note, write_json
from .sample import OWN

if TYPE_CHECKING:
    from ..diffusion.training.config import TrainingSpec
    from ..diffusion.training.loop import Watch
    from ..diffusion.training.progress import Progress

QUIET = 30.0
"""Seconds between two lines of progress where there is no terminal."""
SMOOTH = 0.05
"""The least share of the newest step in the shown loss and the time left."""


def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The training config, a YAML file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="The run's folder, new or empty.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Train a diffusion model. Ctrl-C leaves a run that --resume goes on with, bit for bit."""
    from ..devices.files import check_apart, check_writable

    if json_file not in (None, "-"):
        check_apart(config, json_file)
        check_apart(*(output / name for name in OWN), json_file)
        check_writable(json_file)

    from ..diffusion.launched import here
    from ..diffusion.training.loop import train as run
    from ..diffusion.training.read_config import read_config
    from ..diffusion.training.signals import StopSignals

    source = read_config(config)
    again = shlex.join(["cellnn", "train", str(config), "-o", str(output), "--resume"])
    try:
        with StopSignals() as signals, _progress(source.config.training) as watch:
            outcome = run(
                source,
                output,
                go_on=resume,
                watch=watch,
                note=lambda text: note(f"note: {text}"),
                interrupted=signals.asked,
            )
    except KeyboardInterrupt:
        note(f"interrupted at once, the last checkpoint is whole; to go on: {again}")
        raise typer.Exit(130) from None
    if not here().main:
        return
    summary = {
        "status": outcome.status,
        "run": str(output),
        "step": outcome.step,
        "seconds": outcome.seconds,
        "loss": outcome.loss,
        "held_out_loss": outcome.held_out_loss,
    }
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        losses = "".join(
            f", {name} {value:.4g}"
            for name, value in (("loss", outcome.loss), ("held-out loss", outcome.held_out_loss))
            if value is not None
        )
        print(f"{outcome.status}: {output}, step {outcome.step}, {outcome.seconds:.4g} s of training{losses}")
    if outcome.status == "interrupted":
        note(f"to go on: {again}")
        raise typer.Exit(signals.status)


@contextmanager
def _progress(training: TrainingSpec) -> Iterator[Watch]:
    """Shows loss, speed and the time left: a bar on a terminal, elsewhere a line now and then."""
    pace = _Pace(training)
    if not sys.stderr.isatty():
        told = time.monotonic()

        def tell(progress: Progress, loss: float) -> None:
            nonlocal told
            pace.add(progress, loss)
            if time.monotonic() - told >= QUIET:
                told = time.monotonic()
                note(f"step {progress.step} of {training.steps}: {pace}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=training.steps)

        def draw(progress: Progress, loss: float) -> None:
            pace.add(progress, loss)
            bar.update(task, completed=progress.step, description=str(pace))

        yield draw


class _Pace:
    """Loss and seconds a step, smoothed; as text: loss, pictures a second, time left."""

    def __init__(self, training: TrainingSpec) -> None:
        self.training, self.loss, self.each, self.left = training, 0.0, 0.0, 0.0
        self.before: float | None = None
        self.seen = 0

    def add(self, progress: Progress, loss: float) -> None:
        """A step is done. The first one's time is not known: it ends what was before the loop."""
        now = time.monotonic()
        self.seen += 1
        self.loss += max(SMOOTH, 1 / self.seen) * (loss - self.loss)
        if self.before is not None:
            self.each += max(SMOOTH, 1 / (self.seen - 1)) * (now - self.before - self.each)
        self.before = now
        self.left = self.each * (self.training.steps - progress.step)
        if self.training.time_limit is not None:
            self.left = min(self.left, max(self.training.time_limit - progress.seconds, 0.0))

    def __str__(self) -> str:
        from ..diffusion.training.duration import show_duration

        if not self.each:
            return f"loss {self.loss:.4g}"
        speed = self.training.batch / self.each
        return f"loss {self.loss:.4g}, {speed:.0f} pictures/s, {show_duration(self.left)} left"
