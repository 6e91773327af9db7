"""The model of a study of deployments: what travels to workers, and what of it makes results others."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..devices.errors import InputError
from .files import plain_names

if TYPE_CHECKING:
    from ..diffusion.training.model import TrainedModel


def with_model(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The options of a deployment with its model and data told by their contents, and the files to send, by names that
    hold theirs.

    A run's folder travels as the model that `load_run` finds in it; a shipped one is on every worker by its name, and
    the data must be. Raises InputError for a model or data that are not there.
    """
    from ..diffusion.training.load_run import load_run

    try:
        model = load_run(options["model"])
    except InputError as error:
        raise error.at("deployment.model") from None
    try:
        data = data_files(model.config.data.name, options["folder"] or model.config.data.folder)
    except InputError as error:
        raise error.at("deployment.folder") from None
    known = dict(options) | {"data": data}
    if not Path(options["model"]).is_dir():
        return known | {"weights": model.about["weights"]["sha256"]}, {}
    files = model_files(model)
    names = plain_names(files)
    return known | {"model": dict(sorted(names.items()))}, {names[name]: data for name, data in files.items()}


def model_files(model: TrainedModel) -> dict[str, bytes]:
    """model.safetensors and model.json, as a run that ended now would write them."""
    from ..diffusion.training.autoencoder import marked
    from ..diffusion.training.model import ABOUT, WEIGHTS, save_model

    about = dict(model.about)
    about["step"] = about.pop("progress", about)["step"]  # a checkpoint says more of how far it has come
    with tempfile.TemporaryDirectory() as folder:
        save_model(Path(folder), {**model.network.state_dict(), **marked(model.autoencoder)}, about)
        return {name: (Path(folder) / name).read_bytes() for name in (WEIGHTS, ABOUT)}


def data_files(name: str, folder: str | None) -> dict[str, str]:
    """The SHA-256 of the data set's files, by split and name: a deployment is calibrated on some, and asked others."""
    from ..diffusion.data.images import read_split
    from ..diffusion.data.sets import find_data_set

    found: dict[str, str] = {}
    for split in ("train", "test"):
        read = read_split(find_data_set(name), split, None if folder is None else Path(folder))
        found |= {f"{split}/{file}": digest for file, digest in read.files.items()}
    return found


def check_same(model: TrainedModel, options: Mapping[str, Any]) -> None:
    """InputError where a worker's model or data are others than the client's."""
    there = data_files(model.config.data.name, options["folder"] or model.config.data.folder)
    if there != options["data"]:
        raise InputError(
            "deployment.folder", options["folder"], "on workers the same data as here", model.config.data.name
        )
    if "weights" in options and model.about["weights"]["sha256"] != options["weights"]:
        raise InputError("deployment.model", options["model"], "on workers the same model as here")
