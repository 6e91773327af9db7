"""Checkpoints: everything a run needs to go on as if it had never stopped, in one file each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, optim

from ...devices.errors import InputError
from ..networks import Denoiser
from ..process import Ema
from .progress import Progress
from .tensor_files import read_tensors, write_tensors

KEPT = 2
"""Checkpoints that are kept: should the newest be damaged, there is the one before."""
ABOUT_RUN = {"config", "data", "versions", "machine", "progress"}
"""What is said about a run in its checkpoints, and nowhere else all of it: snapshots lack `progress`."""
_NAME = re.compile(r"step-(\d{8,})\.\w+")


@dataclass(frozen=True)
class Trainee:
    """What changes while a run goes on."""

    network: Denoiser
    optimizer: optim.Optimizer
    average: Ema
    progress: Progress


def file_name(step: int) -> str:
    """`step-00000500.safetensors`, so that names sort as steps do."""
    return f"step-{step:08d}.safetensors"


def step_of(path: Path) -> int | None:
    """The step in a file's name; None for other names."""
    found = _NAME.fullmatch(path.name)
    return int(found[1]) if found else None


def numbered(folder: Path) -> list[Path]:
    """The files of a folder that are named by their step, the latest first."""
    return sorted((path for path in folder.glob("step-*") if step_of(path) is not None), key=step_of, reverse=True)  # type: ignore[arg-type]


def save_checkpoint(folder: Path, trainee: Trainee, about: dict[str, Any]) -> Path:
    """Write the state of now, with what is said about the run; older checkpoints but one go."""
    path = folder / file_name(trainee.progress.step)
    write_tensors(path, _tensors(trainee), {**about, "progress": trainee.progress.plain()})
    for old in numbered(folder)[KEPT:]:
        old.unlink()
    return path


def load_latest(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any], list[InputError]] | None:
    """The newest whole checkpoint - tensors and what is said about them - and the errors of damaged newer ones.

    None when there is no checkpoint. Raises InputError when there are some and none is whole.
    """
    errors: list[InputError] = []
    for path in numbered(folder):
        try:
            tensors, about, _ = read_tensors(path)
            if not ABOUT_RUN <= about.keys():
                raise InputError("", path.name, "a checkpoint of a run", "it holds something else", str(path))
            return tensors, about, errors
        except InputError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return None


def restore(trainee: Trainee, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Put a checkpoint's state into a trainee made from the same config. Raises InputError when it does not fit."""
    parts: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = tensor
    try:
        trainee.network.load_state_dict(parts["network"])
        trainee.average.load_state_dict(parts["average"])
        for name, parameter in trainee.network.named_parameters():
            held = {key.rpartition("/")[2]: value for key, value in parts["optimizer"].items() if _owner(key) == name}
            if held:
                trainee.optimizer.state[parameter] = {
                    key: value if key == "step" else value.to(parameter.device) for key, value in held.items()
                }
        vars(trainee.progress).update(about["progress"])
    except (RuntimeError, KeyError, InputError) as error:
        hint = "the network's code has changed since: train anew" if isinstance(error, RuntimeError) else str(error)
        raise InputError("checkpoint", about.get("progress"), "a checkpoint of this network", hint) from None


def average_of(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint: a state dict of the network."""
    marked = {name.removeprefix("average/"): tensor for name, tensor in tensors.items() if name.startswith("average/")}
    return {name: tensor for name, tensor in marked.items() if name != "ema.updates"}


def _owner(key: str) -> str:
    return key.rpartition("/")[0]


def _tensors(trainee: Trainee) -> dict[str, Tensor]:
    found = {f"network/{name}": value for name, value in trainee.network.state_dict().items()}
    found |= {f"average/{name}": value for name, value in trainee.average.state_dict().items()}
    for name, parameter in trainee.network.named_parameters():
        for key, value in trainee.optimizer.state.get(parameter, {}).items():
            found[f"optimizer/{name}/{key}"] = value
    return found
