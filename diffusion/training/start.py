"""What a run needs before its first step: data, device, network, and, when it goes on, its last checkpoint."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import torch
from torch import optim

from ...devices.errors import InputError
from ..data import ImageData, load_images
from ..networks import Denoiser, parameter_count
from ..process import Ema
from .aware import take_weights
from .checkpoint import Trainee, load_latest, restore
from .config import TrainingConfig
from .model import WEIGHTS, TrainedModel, make_network
from .progress import Progress
from .provenance import commit, machine, versions
from .read_config import ConfigText, first_difference
from .run_folder import RunFolder

Note = Callable[[str], None]


def load_data(source: ConfigText) -> tuple[ImageData, ImageData]:
    """The pictures to learn from, and the held-out ones."""
    try:
        name = source.config.data.name
        return load_images(name, "train", source.data_folder), load_images(name, "test", source.data_folder)
    except InputError as error:
        raise error if error.file else error.at("data") from None


def choose_device(config: TrainingConfig) -> torch.device:
    """The device of `training.device`. Raises InputError for a GPU that is not there."""
    asked, there = config.training.device, torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise InputError("training.device", asked, "auto or cpu on this machine", "torch finds no GPU")
    return torch.device("cuda" if there and asked != "cpu" else "cpu")


def check_tensorboard(config: TrainingConfig) -> None:
    """InputError when TensorBoard is asked for and not installed."""
    if config.training.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise InputError("training.tensorboard", True, "an installed tensorboard", "pip install tensorboard, or false")


def make_trainee(
    config: TrainingConfig,
    device: torch.device,
    start: TrainedModel | None = None,
    network: Denoiser | None = None,
) -> Trainee:
    """Network (None: the config's), optimizer and average as they are before the first step: with the start's weights,
    or drawn ones.

    Raises InputError where the start's do not fit.
    """
    training = config.training
    network = make_network(config) if network is None else network
    if start is not None:
        take_weights(network, start, config.start)
    network = network.to(device).train()
    optimizer = optim.AdamW(
        network.parameters(),
        lr=training.learning_rate,
        betas=(training.beta1, training.beta2),
        weight_decay=training.weight_decay,
    )
    return Trainee(network, optimizer, Ema(network, training.ema), Progress())


def describe(
    source: ConfigText, data: ImageData, test: ImageData, trainee: Trainee, device: torch.device
) -> dict[str, Any]:
    """What is said about the run in its checkpoints and its model."""
    config = source.config
    return {
        "cellnn": 1,
        "name": config.name,
        "config": source.document,
        "picture": list(data.picture),
        "classes": list(data.classes),
        "data": {"name": data.name, "train": len(data), "test": len(test), "files": {**data.files, **test.files}},
        "seeds": config.seed.model_dump(),
        "parameters": parameter_count(trainee.network),
        "versions": versions(),
        "commit": commit(),
        "machine": machine(device),
    }


def resume(
    folder: RunFolder, source: ConfigText, old: TrainingConfig, trainee: Trainee, about: dict[str, Any], note: Note
) -> None:
    """Bring a trainee to where its run, with the `old` config, stopped; the beginning, where it came to no checkpoint.

    Raises InputError when config or data are not those of the run, when every checkpoint is damaged, and when they are
    gone: a run that left a model had some, and is not begun anew over it.
    """
    _check_same(old, source, note)
    found = load_latest(folder.checkpoints)
    if found is None:
        if (folder.path / WEIGHTS).exists():
            hint = "put them back; or another -o begins a new run"
            raise InputError("", str(folder.checkpoints), "the checkpoints that a run with a model has", hint)
        return
    tensors, then, errors = found
    for error in errors:
        note(f"{error}; going on from the checkpoint before")
    if then["data"] != about["data"]:
        raise InputError("data", about["data"]["files"], f"the data of the run: {then['data']['files']}")
    restore(trainee, tensors, then)
    for key in ("versions", "machine"):
        changed = [f"{name} {then[key].get(name)} -> {value}" for name, value in about[key].items()
                   if then[key].get(name) != value]  # fmt: skip
        if changed:
            note(f"since the last start: {', '.join(changed)}; numbers may differ from here on in their last digits")


def _check_same(old: TrainingConfig, source: ConfigText, note: Note) -> None:
    """InputError unless the run's config and the one given now are the same, or the new one goes on for longer."""
    new = source.config
    before, after = old.training, new.training
    if after.steps < before.steps:
        raise InputError("training.steps", after.steps, f"at least the run's {before.steps} steps")
    if after.time_limit is not None and (before.time_limit is None or after.time_limit < before.time_limit):
        limit = "none" if before.time_limit is None else f"{before.time_limit:g} s"
        raise InputError("training.time_limit", after.time_limit, f"no less than the run's limit, which is {limit}")
    grown = before.model_copy(update={"steps": after.steps, "time_limit": after.time_limit})
    found = first_difference(old.model_copy(update={"training": grown}), new)
    if found:
        place, was, now = found
        hint = "only training.steps and training.time_limit may grow; another -o begins a new run"
        raise InputError(place, now, f"{was!r}, with which the run began", hint)
    if after.steps > before.steps and after.decay == "cosine":
        note(f"from {before.steps} to {after.steps} steps: the learning rate follows the longer cosine from here on")
    if after.steps > before.steps and new.network.block != "conv" and len(new.network.integration) > 1:
        note("the plan of network.integration is one of shares of the steps: it follows the longer run, too")
