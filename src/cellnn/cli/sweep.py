"""`cellnn sweep`: a study in, a table of all its points and a report out."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import JsonOption, note, write_json

if TYPE_CHECKING:
    from ..sweep.engine import Tally

TASK_SECONDS = 4.0
"""Unless told otherwise."""
QUIET = 20.0
"""Seconds between two lines of progress where there is no terminal."""


def sweep(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="What varies, and what is measured.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where results and report go.")],
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Worker processes (default: one for each core).", min=1, max=4096)
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers are to do it.")
    ] = None,
    task_seconds: Annotated[
        float, typer.Option(metavar="S", help="Length of a task, about: what a lost worker loses.", min=0.01, max=3600)
    ] = TASK_SECONDS,
    json_file: JsonOption = None,
) -> None:
    """Run a study of many circuits or chips. What is in FOLDER already is not computed again."""
    from ..devices.files import check_apart, check_writable
    from ..sweep.cluster import check_asked

    check_asked(workers, scheduler)
    if json_file not in (None, "-"):
        check_apart(study, json_file)
        check_writable(json_file)

    from ..sweep.report import lines, report_of, took, write_report
    from ..sweep.run import run_study

    seconds = None if task_seconds == TASK_SECONDS else task_seconds
    options = {"--workers": workers, "--scheduler": scheduler, "--task-seconds": seconds, "--json": json_file}
    try:
        with _progress() as progress:
            finished = run_study(
                study,
                output,
                workers=workers,
                scheduler=scheduler,
                note=note,
                progress=progress,
                target=task_seconds,
            )
    except KeyboardInterrupt:
        note(f"interrupted: what has come in is kept; to go on: {_again(study, output, options)}")
        raise typer.Exit(130) from None
    written = [str(output / "results.zarr"), *map(str, write_report(finished, output))]
    content = report_of(finished)
    if json_file is not None:
        write_json({**content, "took": took(finished), "written": written}, json_file)
    if json_file != "-":
        _print(content, took(finished), written, lines)


def _print(content: dict[str, Any], took: dict[str, Any], written: list[str], lines: Callable[..., list[str]]) -> None:
    for line in lines(content):
        print(line)
    if took["points_computed"]:
        print(
            f"{took['points_computed']} points computed in {took['seconds']:.4g} s by {took['workers']} worker(s), "
            f"{took['tasks']} tasks; {took['points_known']} were there"
        )
    else:
        print("every point was there already")
    print("wrote " + ", ".join(written))


def _again(study: Path, output: Path, options: dict[str, Any]) -> str:
    given = [word for name, value in options.items() if value is not None for word in (name, str(value))]
    return shlex.join(["cellnn", "sweep", str(study), "-o", str(output), *given])


@contextmanager
def _progress() -> Iterator[Callable[[Tally], None]]:
    """Points done and time left: a bar on a terminal, elsewhere a line now and then."""
    if not sys.stderr.isatty():
        told = time.monotonic()

        def tell(tally: Tally) -> None:
            nonlocal told
            if time.monotonic() - told >= QUIET:
                told = time.monotonic()
                note(f"{tally.known + tally.done} of {tally.total} points{_left(tally)}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)

        def draw(tally: Tally) -> None:
            bar.update(task, total=tally.total, completed=tally.known + tally.done, description=_left(tally))

        yield draw


def _left(tally: Tally) -> str:
    return "" if tally.left is None else f", {timedelta(seconds=round(tally.left))} left"
