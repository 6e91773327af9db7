"""`cellnn sample`: pictures from a trained model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, progress_bar, write_json

OWN = ("config.yaml", "log.csv", "model.json", "model.safetensors", "autoencoder.safetensors")
"""Files of a run, which no output replaces."""
IN_TURN = "all"
"""The label that asks for all classes in turn."""


def sample(
    model: Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or the name of a shipped model.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="SAMPLES.npz", help="Where the pictures go.")],
    n: Annotated[int, typer.Option("-n", metavar="N", help="So many pictures.", min=1, max=10_000_000)] = 64,
    seed: Annotated[
        int | None, typer.Option(metavar="S", help="Seed (default: the config's seed.samples).", min=0)
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="P.png", help="Draw a sheet of the first 100.")] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="CLASS|all|none", help="Of this class (number or name), all in turn, or none."),
    ] = None,
    guidance: Annotated[float | None, typer.Option(metavar="G", help="1: none; more: clearer classes.")] = None,
    sampler: Annotated[
        str | None, typer.Option(metavar="NAME", help="docs/process.md has them all (default: the config's).")
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="K", help="Steps of the sampler.", min=1)] = None,
    rtol: Annotated[
        float | None, typer.Option(metavar="R", help="Relative tolerance of probability-flow (default: 1e-3).")
    ] = None,
    atol: Annotated[
        float | None, typer.Option(metavar="A", help="Absolute tolerance of probability-flow (default: 1e-3).")
    ] = None,
    batch: Annotated[int, typer.Option(metavar="B", help="Pictures computed at once.", min=1, max=65536)] = 32,
    snapshot: Annotated[int | None, typer.Option(metavar="STEP", help="The model as it was at this step.")] = None,
    device: Annotated[str, typer.Option(metavar="DEVICE", help="cpu, cuda or cuda:1.")] = "cpu",
    json_file: JsonOption = None,
) -> None:
    """Draw pictures from a trained model: the same seed, the same bits, and picture k whatever N is."""
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable, replacing

    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(output, plot, json_path)
    for target in (output, plot, json_path):
        if target is not None:
            check_writable(target)
    if output.suffix != ".npz":
        raise InputError("", str(output), "a file name that ends in .npz")

    import numpy as np

    from ..diffusion.launched import begin
    from ..diffusion.process import SAMPLERS
    from ..diffusion.training.load_run import load_run
    from ..diffusion.training.pictures import check_sheet_name, save_sheet

    if plot is not None:
        check_sheet_name(plot)
    places = begin(cpu=device == "cpu")
    trained = load_run(model, snapshot, device)
    for target in (output, plot, json_path):  # a run's own files stay
        check_apart(*(Path(model, name) for name in OWN), target)
    seed = trained.config.seed.samples if seed is None else seed
    asked = _label(label, trained.classes, n)
    labels = trained.labels(n, asked)
    counts: list[int] = []
    with progress_bar() as report:
        images = trained.sample(
            n,
            seed,
            asked,
            guidance=guidance,
            sampler=sampler,
            steps=steps,
            rtol=rtol,
            atol=atol,
            batch=batch,
            progress=None if report is None else lambda done: report("pictures", done),
            evaluations=counts,
            places=places,
        )
    if not places.main:
        return
    drawn_by = sampler or trained.config.sampling.sampler
    chosen: dict[str, str | float] = {
        "sampler": drawn_by,
        "steps": steps or trained.config.sampling.steps,
        "guidance": guidance if guidance is not None else 1.0 if labels is None else trained.config.sampling.guidance,
    }
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None:
            chosen[name] = value
    provenance = {"model": dict(trained.about), "seed": seed, "batch": batch, "device": device, **chosen}
    arrays: dict[str, Any] = {
        "images": images.numpy(),
        "seed": np.int64(seed),
        "provenance": np.array(json.dumps(provenance)),
        "parameters": np.int64(trained.parameters),
        "evaluations": each_or_mean(counts),
    }
    if labels is not None:
        arrays["labels"] = labels.numpy()
    with replacing(output) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    if plot is not None:
        columns = len(trained.classes) if label in (None, IN_TURN) and 1 < len(trained.classes) <= 10 else None
        save_sheet(images[:100], plot, columns)
    written = [str(path) for path in (output, plot) if path is not None]
    summary = {"written": written, "n": n, "seed": seed, **chosen}
    summary |= {name: arrays[name].item() for name in ("parameters", "evaluations")}
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        adaptive = SAMPLERS[drawn_by].evaluations is None
        took = f"{summary['evaluations']:g} evaluations" if adaptive else f"{chosen['steps']} steps"
        print(f"{n} pictures by {drawn_by} in {took}, seed {seed}: {', '.join(written)}")


def each_or_mean(counts: list[int]) -> Any:
    """What all pictures took, a whole number; or, where batches took different numbers, their mean."""
    import numpy as np

    same = min(counts) == max(counts)
    return np.int64(counts[0]) if same else np.float64(np.mean(counts))


def _label(text: str | None, classes: tuple[str, ...], n: int) -> Any:
    """The classes asked for by a number, a name, `all` or `none`."""
    from ..devices.errors import InputError, did_you_mean
    from ..diffusion.training.model import NO_CLASS

    if text is None or text == NO_CLASS:
        return text
    if not classes:
        raise InputError("--label", text, "no label: this model knows no classes")
    if text == IN_TURN:
        return [k % len(classes) for k in range(n)]
    if text in classes:
        return classes.index(text)
    if text.isdecimal() and int(text) < len(classes):
        return int(text)
    hint = did_you_mean(text, [*classes, IN_TURN, NO_CLASS])
    raise InputError("--label", text, f"a class of this model, {IN_TURN} or {NO_CLASS}", hint)
