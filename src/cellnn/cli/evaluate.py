"""`cellnn evaluate`: how good samples are, next to what the data's own pictures score."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, note, write_json


def evaluate(
    samples: Annotated[Path, typer.Argument(metavar="SAMPLES.npz", help="The samples: images, and labels if any.")],
    data: Annotated[str, typer.Option("--data", metavar="NAME", help="The data set they are compared with.")],
    folder: Annotated[Path | None, typer.Option(metavar="F", help="Where the data set's files lie.")] = None,
    split: Annotated[str, typer.Option(metavar="S", help="train, test or all.")] = "train",
    classifier: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A LeNet of your own (FILE.safetensors, FILE.json).")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of resamples and random subsets.")] = 0,
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="P.png", help="Draw samples, the data nearest to them, the classes.")
    ] = None,
) -> None:
    """Measure samples against a data set: Frechet and kernel distance, precision, recall, classes, copies."""
    from ..devices.files import check_apart, check_writable

    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(samples, json_path, plot)
    for target in (json_path, plot):
        if target is not None:
            check_writable(target)
    if plot is not None:
        from ..plots.files import check_suffix

        check_suffix(plot)
    from ..diffusion.data.sets import find_data_set
    from ..diffusion.measures.samples import read_samples

    data_set = find_data_set(data)
    read = read_samples(samples, data_set.shape, len(data_set.classes))

    from ..diffusion.data import load_images
    from ..diffusion.launched import begin
    from ..diffusion.measures.classifier import load_classifier
    from ..diffusion.measures.evaluation import evaluate_images

    places = begin(cpu=True)
    network = load_classifier(data, classifier)
    reference = load_images(data, split, folder)
    unseen = load_images(data, "test", folder) if split == "train" else None
    report = evaluate_images(
        read.images, reference, unseen, labels=read.labels, classifier=network, seed=seed, places=places
    )
    if not places.main:
        return
    file = {"file": str(samples), "sha256": hashlib.sha256(samples.read_bytes()).hexdigest(), "count": len(read.images)}
    content = {"samples": file, **report.as_dict()}
    if json_file is not None:
        write_json(content, json_file)
    if plot is not None:
        from ..plots.evaluation import plot_evaluation
        from ..plots.files import save_figure

        save_figure(plot_evaluation(report, read.images, reference), plot)
    if json_file != "-":
        _print(report, content)
        if written := [str(path) for path in (json_path, plot) if path is not None]:
            print("wrote " + ", ".join(written))
    for text in report.notes:
        note(f"note: {text}")


_NAMES = {
    "frechet": "Frechet distance",
    "frechet_infinity": "  for infinitely many samples",
    "frechet_inception": "Frechet distance on Inception's features",
    "kernel": "kernel distance",
    "class_entropy": "entropy of the classes [bit]",
    "class_distance": "distance of the classes' shares",
    "confident": "recognised with 90 % confidence",
    "label_agreement": "recognised as asked for",
    "nearest_ssim": "SSIM to the nearest of the data",
    "pair_ssim": "SSIM of pairs",
}


def _print(report: Any, content: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    data, network = content["data"], content["classifier"]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("measure", "samples", "95 %", "own", "better", "samples : data"):
        table.add_column(heading, justify="left" if heading in ("measure", "better") else "right")
    for name, figure in report.figures.items():
        if figure.value is None:
            continue
        between = "" if figure.interval is None else "{:.4g} to {:.4g}".format(*figure.interval)
        value = f"{figure.value:.4g}" + ("" if figure.more.get("stable", True) else " (not stable)")
        own = "" if figure.own is None else f"{figure.own:.4g}"
        table.add_row(_NAMES.get(name, name), value, between, own, figure.better, f"{figure.count} : {figure.against}")
    print(f"{content['samples']['file']}: {content['samples']['count']} samples against {data['count']} pictures of "
          f"{data['name']} ({data['split']})")  # fmt: skip
    Console(width=None if _wide() else 100, highlight=False, markup=False).print(table)
    print("own: what pictures of the data score in place of samples")
    print(f"features: LeNet {network['name']}, {network['accuracy']:.2%} of the test pictures, "
          f"sha256 {network['sha256'][:16]}")  # fmt: skip
    for name, figure in report.figures.items():
        if figure.value is None:
            print(f"no {_NAMES[name]}: {figure.note}")


def _wide() -> bool:
    """Whether the terminal holds the table; a file or a pipe gets 100 columns."""
    import shutil
    import sys

    return sys.stdout.isatty() and shutil.get_terminal_size().columns >= 100
