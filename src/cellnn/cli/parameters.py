"""`cellnn parameters`: templates of arrays drawn from a generative model."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from .output import JsonOption, note, write_json

parameters = typer.Typer(help="Templates of arrays drawn from a generative model.", add_completion=False)
QUIET = 30.0
"""Seconds between two lines of progress where there is no terminal."""

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.safetensors", help="Where they go.")]


@parameters.command()
def collect(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="What to collect, a YAML file.")],
    output: Output,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was begun.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Train a network, then keep checkpoints of some of its parameters. Ctrl-C leaves what --resume goes on with."""
    _check_output(output, config, json_file)
    from ..diffusion.parameters.collect import collect as run
    from ..diffusion.parameters.collect import read_collect_config
    from ..diffusion.training.signals import StopSignals

    source = read_collect_config(config)
    with StopSignals() as signals, _steps() as watch:
        done = run(source, output, go_on=resume, watch=watch, interrupted=signals.asked)
    if done.collection is None:
        again = shlex.join(["cellnn", "parameters", "collect", str(config), "-o", str(output), "--resume"])
        note(f"interrupted after step {done.step} of {done.steps}; to go on: {again}")
        raise typer.Exit(signals.status)
    vectors = done.collection.vectors
    summary = {"written": str(output), "checkpoints": len(vectors), "numbers": vectors.shape[1], "steps": done.steps}
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        print(f"{len(vectors)} checkpoints of {vectors.shape[1]} numbers: {output}")


def _check_output(output: Path, other: Path | str | None, json_file: str | None) -> None:
    """InputError for names that cannot be written, before long work begins."""
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable

    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(other, output, json_path)
    for target in (output, json_path):
        if target is not None:
            check_writable(target)
    if output.suffix != ".safetensors":
        raise InputError("", str(output), "a file name that ends in .safetensors")


@contextmanager
def _steps() -> Iterator[Callable[[int, int, float], None]]:
    """Shows steps and loss: a bar on a terminal, elsewhere a line now and then."""
    if not sys.stderr.isatty():
        told = time.monotonic()

        def tell(step: int, steps: int, loss: float) -> None:
            nonlocal told
            if time.monotonic() - told >= QUIET:
                told = time.monotonic()
                note(f"step {step} of {steps}: loss {loss:.4g}")

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda step, steps, loss: bar.update(task, completed=step, total=steps, description=f"loss {loss:.4g}")
