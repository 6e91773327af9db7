"""Unseen chips: nominal templates, generated ones, calibration and fine-tuning, and the time of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....devices.errors import InputError
from ...training.read_config import check_as
from ...training.streams import stream_seed
from ..collect.config import CollectConfig
from ..evaluate.groups import interval
from ..evaluate.scores import source_of
from ..model import ParametersModel
from .calibrate import calibrated
from .collect import ChipSeries
from .forward import Settings, logits_on_chips
from .measure import nominal
from .tune import told_by

AT_ONCE = 100
"""Pictures shown to a chip at once."""
RESAMPLES = 2000
METHODS = ("nominal", "generated", "calibrated", "fine-tuned")


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
    Seconds are those of this process on the processor, of one chip: for generated templates the measurement and the
    sampling (of all n at once, divided by n), for the others all reading and fitting.
    """
    series, first = series_of(model, folder)
    network = series.network
    inputs, labels = (part[:pictures] for part in series.pictures.test)
    made = series.made(first, n)
    clock = time.process_time()
    told = series.measured(made)
    measuring = time.process_time() - clock
    vectors = model.generate(n, seed, told)
    generating = time.process_time() - clock - measuring
    seconds = {"nominal": [0.0], "generated": [(measuring + generating) / n], "calibrated": [], "fine-tuned": []}
    accuracy: dict[str, list[float]] = {name: [] for name in METHODS}
    known = torch.cat([batch for batch, _ in series.batches])
    for k in range(n):
        chip = [layer.rows(torch.tensor([k])) for layer in made]
        settings = {"nominal": nominal(network, 1), "generated": told_by(series.layout, vectors[k : k + 1], network)}
        for name in ("calibrated", "fine-tuned"):
            clock = time.process_time()
            if name == "calibrated":
                settings[name] = calibrated(network, chip, known)
            else:
                settings[name] = told_by(series.layout, series.tuned(chip), network)
            seconds[name].append(time.process_time() - clock)
        for name, given in settings.items():
            accuracy[name].append(_accuracy(series, chip, given, inputs, labels))
        progress("chips", (k + 1) / n)
    ideal = float((series.source.logits(inputs).argmax(1) == labels).double().mean())
    config = series.spec
    return {
        "model": model.name,
        "name": model.config.name,
        "weights": model.about["weights"]["sha256"],
        "chips": n,
        "seed": seed,
        "pictures": len(inputs),
        "resolution": 1 / len(inputs),
        "ideal": ideal,
        "mismatch": model.collection.about["config"]["chips"]["mismatch"],
        "sampler_steps": model.config.sampling.steps,
        "pictures_shown": {
            "generated": 2 * config.probes,
            "calibrated": 3 * len(known),
            "fine-tuned": config.steps * config.batch,
        },
        "methods": _methods(accuracy, seconds, stream_seed(seed, "bootstrap")),
        "seconds_of_generated": {"measuring": measuring / n, "sampling": generating / n},
    }


@torch.no_grad()
def _accuracy(series: ChipSeries, chip: list[Any], told: dict[int, Settings], inputs: Tensor, labels: Tensor) -> float:
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


def _methods(accuracy: dict[str, list[float]], seconds: dict[str, list[float]], seed: int) -> dict[str, Any]:
    """Mean accuracy, recovered shares of what calibration and fine-tuning recover, seconds."""
    each = {name: np.asarray(values) for name, values in accuracy.items()}
    n = len(each["nominal"])
    draws = np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))
    found: dict[str, Any] = {}
    for name, values in each.items():
        gain = values - each["nominal"]
        found[name] = {
            "accuracy": float(values.mean()),
            "accuracy_interval": interval(values[draws].mean(1)),
            "worst": float(values.min()),
            "gain": float(gain.mean()),
            "gain_interval": interval(gain[draws].mean(1)),
            "seconds": float(np.mean(seconds[name])),
        }
    for reference in ("calibrated", "fine-tuned"):
        whole = found[reference]["gain"]
        key = f"share_of_{reference.replace('-', '_')}"
        found["generated"][key] = found["generated"]["gain"] / whole if whole > 0 else None
        taken = found["generated"]["seconds"] / max(found[reference]["seconds"], 1e-9)
        found["generated"][f"time_of_{reference.replace('-', '_')}"] = taken
    return found


def table_of(report: dict[str, Any]) -> str:
    """Columns of text."""
    lines = [
        f"accuracy of {report['chips']} unseen chips on {report['pictures']} pictures; ideal {report['ideal']:.4f}"
    ]
    for name, method in report["methods"].items():
        low, high = method["accuracy_interval"]
        mean = f"{method['accuracy']:.4f} ({low:.4f} to {high:.4f})"
        lines.append(f"{name:12s}  {mean}  worst {method['worst']:.4f}  {method['seconds'] * 1e3:10.4g} ms")
    return "\n".join(lines)
