"""Unseen chips: nominal templates, generated ones, calibration and fine-tuning, and the time of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.read_config import check_as
from ...training.streams import stream_seed
from ..collect.config import CollectConfig
from ..evaluate.scores import source_of
from ..model import ParametersModel
from .collect import ChipSeries
from .compare import compared
from .forward import Settings, logits_on_chips
from .made import MadeLayer
from .methods import GENERATED, Methods, seconds_of

AT_ONCE = 100
"""Pictures shown to a chip at once."""


def series_of(model: ParametersModel, folder: Path | None = None) -> tuple[ChipSeries, int]:
    """The chips a model was trained for, and the number of the first one it has not seen.

    Raises InputError for a model that was not trained for chips.
    """
    config = check_as(model.collection.about["config"], CollectConfig)
    if config.chips is None:
        raise InputError("--chip", model.name, "a model trained for chips", "this one is told nothing of a chip")
    return ChipSeries(config.chips, source_of(model.collection, folder), model.layout), config.checkpoints


def evaluate_chips(
    model: ParametersModel,
    n: int,
    seed: int = 0,
    *,
    folder: Path | None = None,
    pictures: int | None = None,
    progress: Callable[[str, float], None] = lambda name, done: None,
) -> dict[str, Any]:
    """Accuracy of n unseen chips under each method, how much of what nominal templates lose each gives back, and time.

    Accuracy is that of the first `pictures` of the test (all by default), intervals are over chips (bootstrap, 95 %).
    Seconds are those of this process on the processor, of one chip by itself: measuring it and drawing its templates,
    or all reading and fitting; the median over chips, after a run of each method that does not count. What the chips'
    templates take when all are drawn at once is a figure of its own.
    """
    series, first = series_of(model, folder)
    methods = Methods(model, series, seed)
    inputs, labels = (part[:pictures] for part in series.pictures.test)
    made = series.made(first, n)
    accuracy: dict[str, list[float]] = {name: [] for name in methods.names}
    seconds: dict[str, list[float]] = {name: [] for name in methods.names}
    for name in methods.names:  # what is slow once: first calls, caches
        methods.settings(name, _chip(made, 0), 0)
    for k in range(n):
        chip = _chip(made, k)
        for name in methods.names:
            told, taken = seconds_of(lambda name=name, chip=chip, k=k: methods.settings(name, chip, k))  # type: ignore[misc]
            seconds[name].append(taken)
            accuracy[name].append(_accuracy(series, chip, told, inputs, labels))
        progress("chips", (k + 1) / n)
    _, at_once = seconds_of(lambda: model.generate(n, seed, series.measured(made)))
    found = compared(accuracy, seconds, methods.reference, stream_seed(seed, "bootstrap"))
    chips = model.collection.about["config"]["chips"]
    return {
        "model": model.name,
        "name": model.config.name,
        "weights": model.about["weights"]["sha256"],
        "measure": "accuracy",
        "chips": n,
        "seed": seed,
        "pictures": len(inputs),
        "resolution": 1 / len(inputs),
        "ideal": float((series.source.logits(inputs).argmax(1) == labels).double().mean()),
        "mismatch": chips["mismatch"],
        "sampler_steps": model.config.sampling.steps,
        "original": {key: found["fine-tuned"][key] for key in ("mean", "best", "worst")},
        "generated": {key: found[GENERATED][key] for key in ("mean", "best", "worst")},
        "reference": methods.reference,
        "pictures_shown": methods.pictures_shown,
        "methods": found,
        "seconds_per_chip_when_generated_at_once": at_once / n,
    }


def _chip(made: list[MadeLayer], k: int) -> list[MadeLayer]:
    return [layer.rows(torch.tensor([k])) for layer in made]


@torch.no_grad()
def _accuracy(
    series: ChipSeries, chip: list[MadeLayer], told: dict[int, Settings], inputs: Tensor, labels: Tensor
) -> float:
    right = 0
    for part, wanted in zip(torch.split(inputs, AT_ONCE), torch.split(labels, AT_ONCE), strict=True):
        rows = torch.zeros(len(part), dtype=torch.int64)
        here = {number: _spread(settings, rows) for number, settings in told.items()}
        logits = logits_on_chips(series.network, part, [layer.rows(rows) for layer in chip], here)
        right += int((logits.argmax(1) == wanted).sum())
    return right / len(inputs)


def _spread(settings: Settings, rows: Tensor) -> Settings:
    """The same for every picture."""
    readout, offset = (None if part is None else part[rows] for part in (settings.readout, settings.offset))
    return Settings(settings.z[rows], settings.gain[rows], readout, offset)


def table_of(report: dict[str, Any]) -> str:
    """Columns of text."""
    lines = [
        f"accuracy of {report['chips']} unseen chips on {report['pictures']} pictures; ideal {report['ideal']:.4f}"
    ]
    width = max(map(len, report["methods"]))
    for name, method in report["methods"].items():
        low, high = method["mean_interval"]
        mean = f"{method['mean']:.4f} ({low:.4f} to {high:.4f})"
        ends = f"best {method['best']:.4f}  worst {method['worst']:.4f}"
        lines.append(f"{name:{width}s}  {mean}  {ends}  {method['seconds'] * 1e3:10.4g} ms")
    return "\n".join(lines)
