"""What a deployment leaves for programs: report.json and samples.npz."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ...devices.errors import InputError
from ...devices.files import replacing
from ..measures.classifier import SHIPPED, load_classifier
from ..measures.evaluation import evaluate_images
from ..measures.seen import see
from .deploy import Deployer, Deployment, Sampling
from .hardware_file import HardwareText

LEAST = 100
"""Pictures below which nothing is said of distributions."""
FIGURES = ("frechet", "kernel", "precision", "recall", "confident", "label_agreement")


def report_of(deployer: Deployer, found: Deployment, hardware: HardwareText, how: Sampling) -> dict[str, Any]:
    """All figures, as report.json holds them."""
    model = deployer.model
    content: dict[str, Any] = {
        "cellnn": 1,
        "model": {"name": model.config.name, "weights": model.about["weights"], "block": model.config.network.block},
        "hardware": {"name": hardware.spec.name, "text": hardware.text, "seeds": deployer.seeds},
        "samples": {"count": len(found.ideal), **asdict(how)},
        "similarity": {"mean": found.similarity[0], "least": found.similarity[1]},
        "answers": [asdict(one) for one in found.answers],
        "blocks": found.blocks,
        "mapping": {name: asdict(one) for name, one in found.mapping.items()},
        "calibration": {"correct": deployer.spec.calibration.correct}
        | {"blocks": {name: asdict(one) for name, one in found.calibrated.items()}},
        "memristors": {
            name: {**asdict(one), "mean_in_all": one.mean_in_all, "largest_in_all": one.largest_in_all}
            for name, one in found.memristors.items()
        },
        "ablation": {name: asdict(one) for name, one in found.ablation.items()},
        "costs_most": costs_most(found),
        "cost": None if found.cost is None else asdict(found.cost),
        "windows": [asdict(one) for one in found.windows],
        "ranges": {name: asdict(one) for name, one in deployer.ranges.items()},
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("cellnn", "numpy", "numba", "torch")},
    }
    if found.labels is not None and deployer.data.name in SHIPPED:
        content["recognised"] = {
            name: recognised(deployer.data.name, pictures, found.labels)
            for name, pictures in (("ideal", found.ideal), ("deployed", found.deployed))
        }
    if len(found.ideal) >= LEAST:
        content["quality"] = {
            name: _quality(deployer, pictures, found.labels)
            for name, pictures in (("ideal", found.ideal), ("deployed", found.deployed))
        }
    return content


def _quality(deployer: Deployer, pictures: Any, labels: Any) -> dict[str, Any]:
    report = evaluate_images(pictures, deployer.data, deployer.unseen, labels=labels)
    return {name: asdict(report[name]) for name in FIGURES if name in report.figures}


def recognised(data: str, pictures: Tensor, labels: Tensor) -> float:
    """The share of pictures that the classifier of this data set takes for the class they were asked for."""
    seen = see(load_classifier(data).network, pictures, None)
    return float((seen.predicted == labels.numpy()).mean())


def costs_most(found: Deployment) -> str | None:
    """The effect that by itself moves the answers farthest; None where none is on."""
    cases = found.ablation.items()
    alone = {name: one.difference for name, one in cases if name.startswith("only ") and one.difference is not None}
    return max(alone, key=lambda name: alone[name]).removeprefix("only ") if alone else None


def prepare(folder: Path) -> None:
    """Make the folder of a report. Raises InputError where there is one already, or none can be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("", str(folder), "a folder for the report", error.strerror or str(error)) from None
    if (folder / "report.json").exists():
        raise InputError("", str(folder), "a folder without a report", "choose another one, or remove it")


def write_samples(path: Path, found: Deployment, seed: int, content: dict[str, Any]) -> None:
    """samples.npz: `images` of the chip, `ideal` from the same noise, labels, seed, provenance."""
    arrays: dict[str, Any] = {
        "images": found.deployed.numpy(),
        "ideal": found.ideal.numpy(),
        "seed": np.int64(seed),
        "provenance": np.array(json.dumps({key: content[key] for key in ("model", "hardware", "versions")})),
    }
    if found.labels is not None:
        arrays["labels"] = found.labels.numpy()
    with replacing(path) as temporary, Path(temporary).open("wb") as file:
        np.savez_compressed(file, **arrays)
