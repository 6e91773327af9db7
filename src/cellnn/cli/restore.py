"""`cellnn restore`: pictures with noise, restored by a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, progress_bar, write_json


def restore(
    model: Annotated[str, typer.Argument(metavar="RUN", help="A run's folder, or the name of a shipped model.")],
    data: Annotated[str, typer.Option("--data", metavar="NAME", help="The data set whose pictures get noise.")],
    levels: Annotated[
        str, typer.Option(metavar="S,S,..", help="Noise levels: sigma, from above 0 (none) to 1 (noise alone).")
    ] = "0.3,0.6,0.9",
    n: Annotated[int, typer.Option("-n", metavar="N", help="So many pictures.", min=2)] = 64,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the noise.", min=0)] = 0,
    methods: Annotated[str, typer.Option(metavar="M,M,..", help="Of noisy, mean, flow, sde.")] = "noisy,mean,flow,sde",
    steps: Annotated[int, typer.Option(metavar="K", help="Steps of the SDE.", min=1)] = 50,
    batch: Annotated[int, typer.Option(metavar="B", help="Pictures computed at once.", min=1, max=65536)] = 32,
    split: Annotated[str, typer.Option(metavar="S", help="train, test or all.")] = "test",
    folder: Annotated[Path | None, typer.Option(metavar="F", help="Where the data set's files lie.")] = None,
    device: Annotated[str, typer.Option(metavar="DEVICE", help="cpu, cuda or cuda:1.")] = "cpu",
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(metavar="P.png", help="Draw pictures and measures by level.")] = None,
) -> None:
    """Denoise held-out pictures from given noise levels, by every method, and measure how near they come."""
    from ..devices.files import check_apart, check_writable

    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(json_path, plot)
    for target in (json_path, plot):
        if target is not None:
            check_writable(target)
    if plot is not None:
        from ..plots.files import check_suffix

        check_suffix(plot)
    asked = tuple(_number(text) for text in levels.split(","))
    named = tuple(text.strip() for text in methods.split(","))

    from ..diffusion.data import load_images
    from ..diffusion.restoration.experiment import restore_pictures
    from ..diffusion.restoration.methods import How
    from ..diffusion.training.load_run import load_run

    trained = load_run(model, device=device)
    with progress_bar() as report:
        found = restore_pictures(
            trained,
            load_images(data, split, folder),
            asked,
            n,
            seed,
            methods=named,
            how=How(steps=steps, batch=batch),
            progress=None if report is None else lambda done: report("levels and methods", done),
        )
    if json_file is not None:
        write_json(found.as_dict(), json_file)
    if plot is not None:
        from ..plots.files import save_figure
        from ..plots.restoration import plot_restoration

        save_figure(plot_restoration([found]), plot)
    if json_file != "-":
        _print(found)
        if written := [str(path) for path in (json_path, plot) if path is not None]:
            print("wrote " + ", ".join(written))


def _number(text: str) -> float:
    from ..devices.errors import InputError

    try:
        return float(text)
    except ValueError:
        raise InputError("--levels", text, "numbers between commas, such as 0.3,0.6,0.9") from None


def _print(found: Any) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    told = "told" if found.told_classes else "not told"
    print(f"{found.count} pictures of {found.data} ({found.split}), restored by {found.model}, {told} their classes")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("sigma", "method", "evaluations", "SSIM", "PSNR [dB]", f"lenet_distance ({found.classifier})"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for row in found.rows:
        values = [f"{mean.value:.4g} ({mean.low:.4g} to {mean.high:.4g})" for mean in row.measures.values()]
        table.add_row(f"{row.level:g}", row.method, f"{row.evaluations:g}", *values)
    Console(width=140).print(table)
