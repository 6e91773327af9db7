"""Training that goes on from another model, and knows the hardware its arrays will be on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from ...circuits.hardware import Hardware
from ...devices.errors import InputError
from ..hardware_aware import make_imperfect
from ..networks.ranges import measured_ranges
from ..process import noised
from .load_run import load_run
from .model import TrainedModel
from .read_config import ConfigText
from .step import Examples


def load_start(source: ConfigText) -> TrainedModel | None:
    """The model of `start`: a run's folder, looked up from the config's, or a shipped one's name; None without it.

    Raises InputError when there is none, when it is another network, and for effects that the cells do not have.
    """
    config = source.config
    _hardware(source)
    if config.start is None:
        return None
    folder = source.folder / Path(config.start).expanduser()
    try:
        start = load_run(folder if folder.is_dir() else config.start)
    except InputError as error:
        raise error if error.file else error.at("start") from None
    there, here = start.config, config
    for place, was, now in (
        ("network.block", there.network.block, here.network.block),
        ("network.channels", there.network.channels, here.network.channels),
        ("network.cell", there.network.cell, here.network.cell),
        ("network.stop", there.network.stop, here.network.stop),
        ("process", there.process, here.process),
        ("latent", there.latent, here.latent),
        ("data", there.array, here.array),
        ("training.unconditional", there.classes, here.classes),
    ):
        if was != now:
            raise InputError(place, now, f"that of {config.start}, {was}", "a run goes on with the network it starts")
    return start


def take_weights(network: nn.Module, start: TrainedModel, name: str | None) -> None:
    """The start's weights become the network's. Raises InputError where they do not fit."""
    try:
        network.load_state_dict(start.network.state_dict())
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError("start", name, "weights of the network that `network` describes", reason) from None


def know_hardware(source: ConfigText, network: nn.Module, start: TrainedModel | None, examples: Examples) -> None:
    """Make the network's arrays, in training, those of chips with the effects of `hardware`; nothing without it.

    Converters get the ranges that the start's arrays meet in these examples.
    """
    hardware = _hardware(source)
    if hardware is None or start is None:
        return
    schedule, t = source.config.process.noise(), examples.t.float()
    alpha, sigma = schedule.alpha(examples.t).float(), schedule.sigma(examples.t).float()
    x = noised(examples.x0, examples.eps, alpha, sigma)
    make_imperfect(network, hardware, measured_ranges(start.network, [(x, t, examples.label)]))


def _hardware(source: ConfigText) -> Hardware | None:
    spec, cell = source.config.hardware, source.config.network.cell
    if spec is None or cell is None:
        return None
    try:
        return spec.hardware(cell.circuit_of_cell())
    except InputError as error:
        raise error.at("hardware") from None


def described(start: TrainedModel | None) -> dict[str, Any] | None:
    """What a run says about the model it started from."""
    if start is None:
        return None
    about = start.about
    return {"name": about["name"], "step": about["step"], "weights": about.get("weights", {}).get("sha256")}
