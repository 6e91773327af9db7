"""`cellnn parameters`: templates of arrays drawn from a generative model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .now_and_then import NowAndThen, shares
from .output import JsonOption, note, write_json

if TYPE_CHECKING:
    from torch import Tensor

    from ..diffusion.parameters.model import ParametersModel

parameters = typer.Typer(help="Templates of arrays drawn from a generative model.", add_completion=False)

Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE.safetensors", help="Where they go.")]
Folder = Annotated[Path | None, typer.Option(metavar="F", help="Where the data set's files lie.")]


@parameters.command()
def collect(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="What to collect, a YAML file.")],
    output: Output,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was begun.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Train a network, then keep checkpoints of some of its parameters. Ctrl-C leaves what --resume goes on with.

    With `chips` in CONFIG the parameters are those of simulated chips.
    """
    _check_output(output, config, json_file)
    from ..diffusion.parameters.collect import collect as run
    from ..diffusion.parameters.collect import read_collect_config
    from ..diffusion.training.signals import StopSignals

    source = read_collect_config(config)
    unit = "step" if source.config.chips is None else "chip"
    with StopSignals() as signals, _steps(unit) as watch:
        done = run(source, output, go_on=resume, watch=watch, interrupted=signals.asked)
    if done.collection is None:
        again = shlex.join(["cellnn", "parameters", "collect", str(config), "-o", str(output), "--resume"])
        note(f"interrupted after {unit} {done.step} of {done.steps}; to go on: {again}")
        raise typer.Exit(signals.status)
    vectors = done.collection.vectors
    summary = {"written": str(output), "checkpoints": len(vectors), "numbers": vectors.shape[1], "steps": done.steps}
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        print(f"{len(vectors)} checkpoints of {vectors.shape[1]} numbers: {output}")


@parameters.command()
def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The model's config, a YAML file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="The run's folder, new or empty.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that is there.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Train a generative model of collected parameters: an autoencoder, then diffusion on its latents."""
    from ..devices.files import check_apart, check_writable

    if json_file not in (None, "-"):
        check_apart(config, json_file)
        check_writable(json_file)
    from ..diffusion.parameters.latents import read_parameters_config
    from ..diffusion.parameters.latents.train import train_parameters
    from ..diffusion.training.signals import StopSignals

    source = read_parameters_config(config)
    steps = source.config.training.steps
    with StopSignals() as signals, _steps("step") as watch:
        outcome = train_parameters(
            source,
            output,
            go_on=resume,
            watch=lambda progress, loss: watch(progress.step, steps, loss),
            note=lambda text: note(f"note: {text}"),
            interrupted=signals.asked,
        )
    losses = {"loss": outcome.loss, "held_out_loss": outcome.held_out_loss}
    summary = {"status": outcome.status, "run": str(output), "step": outcome.step, **losses}
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        shown = "".join(f", {name} {value:.4g}" for name, value in losses.items() if value is not None)
        print(f"{outcome.status}: {output}, step {outcome.step}{shown}")
    if outcome.status == "interrupted":
        again = shlex.join(["cellnn", "parameters", "train", str(config), "-o", str(output), "--resume"])
        note(f"to go on: {again}")
        raise typer.Exit(signals.status)


Model = Annotated[str, typer.Argument(metavar="NAME", help="A run's folder, or the name of a shipped model.")]
Seed = Annotated[int, typer.Option(metavar="S", help="Seed.", min=0, max=2**62)]


@parameters.command()
def generate(
    model: Model,
    output: Output,
    n: Annotated[int, typer.Option("-n", metavar="N", help="So many.", min=1, max=1_000_000)] = 10,
    seed: Seed = 0,
    chip: Annotated[
        int | None, typer.Option(metavar="K", help="Of a model for chips: for unseen simulated chip K.", min=0)
    ] = None,
    folder: Folder = None,
    json_file: JsonOption = None,
) -> None:
    """Draw new parameters: the same seed, the same bits, and number k whatever N is."""
    from ..devices.errors import InputError

    _check_output(output, None, json_file)
    if folder is not None and chip is None:
        raise InputError("--folder", str(folder), "no folder without --chip", "pictures are only shown to chips")
    from ..diffusion.parameters.generate import generate_to
    from ..diffusion.parameters.model import load_parameters

    loaded = load_parameters(model)
    told = _measured(loaded, chip, folder)
    with shares() as show:
        digest = generate_to(
            loaded, n, seed, output, told=told, chip=chip, progress=lambda done: show("templates", done)
        )
    summary = {"written": str(output), "n": n, "seed": seed, "numbers": loaded.layout.size, "sha256": digest}
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        print(f"{n} x {loaded.layout.size} parameters, seed {seed}: {output}")


@parameters.command()
def evaluate(
    model: Model,
    n: Annotated[int, typer.Option("-n", metavar="N", help="So many generated ones.", min=2, max=100_000)] = 50,
    seed: Seed = 0,
    ablations: Annotated[
        str | None,
        typer.Option(metavar="none|quick|all", help="Those that need no training (the default), or all of them."),
    ] = None,
    folder: Folder = None,
    json_file: JsonOption = None,
) -> None:
    """Measure generated parameters beside the originals they were learned from."""
    from ..devices.errors import InputError, did_you_mean
    from ..devices.files import check_writable

    known = ("none", "quick", "all")
    if ablations is not None and ablations not in known:
        raise InputError("--ablations", ablations, "none, quick or all", did_you_mean(ablations, known))
    if json_file not in (None, "-"):
        check_writable(str(json_file))
    from ..diffusion.parameters.model import load_parameters

    loaded = load_parameters(model)
    if loaded.about["told"] and ablations is not None:
        raise InputError("--ablations", ablations, "no ablations", "this model draws parameters for given chips")
    with shares() as shown:
        if loaded.about["told"]:
            from ..diffusion.parameters.chips.evaluate import evaluate_chips
            from ..diffusion.parameters.chips.evaluate import table_of as show

            report = evaluate_chips(loaded, n, seed, folder=folder, progress=shown)
        else:
            from ..diffusion.parameters.evaluate import evaluate_parameters
            from ..diffusion.parameters.evaluate.table import table_of as show

            report = evaluate_parameters(
                loaded, n, seed, ablations=ablations or "quick", folder=folder, progress=shown
            ).report
    if json_file is not None:
        write_json(report, json_file)
    if json_file != "-":
        print(show(report))


def _measured(model: ParametersModel, chip: int | None, folder: Path | None) -> Tensor | None:
    """What is measured of an unseen chip; None for a model that is told nothing of chips."""
    from ..devices.errors import MISSING, InputError

    if chip is None:
        if model.about["told"]:
            raise InputError("--chip", MISSING, "the number of a chip", "this model draws parameters for a given chip")
        return None
    from ..diffusion.parameters.chips.evaluate import series_of

    series, first = series_of(model, folder)
    return series.measured(series.made(first + chip, 1))


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
def _steps(unit: str) -> Iterator[Callable[[int, int, float | None], None]]:
    """Shows steps, or chips, and the loss where there is one: a bar on a terminal, elsewhere a line now and then."""
    if not sys.stderr.isatty():
        lines = NowAndThen()
        yield lambda step, steps, loss: lines.tell(f"{unit} {step} of {steps}{_loss(': ', loss)}")
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda step, steps, loss: bar.update(
            task, completed=step, total=steps, description=f"{unit}s{_loss(', ', loss)}"
        )


def _loss(before: str, loss: float | None) -> str:
    return "" if loss is None else f"{before}loss {loss:.4g}"
