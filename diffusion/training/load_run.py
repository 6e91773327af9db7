"""From the name of a shipped model, or the folder of a run, to a model that draws samples."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from torch import Tensor

from ...devices.errors import InputError, did_you_mean
from ...simulator.on_torch.device import torch_device
from ..models import model_folder, model_names
from .autoencoder import PREFIX
from .checkpoint import average_of, file_name, load_latest, numbered, step_of
from .model import ABOUT, WEIGHTS, TrainedModel, assemble, read_about
from .run_folder import RunFolder
from .tensor_files import read_tensors


def load_run(name_or_folder: str | os.PathLike[str], snapshot: int | None = None, device: str = "cpu") -> TrainedModel:
    """The model of a run's folder, or a shipped one by its name (a folder of that name comes first).

    Of a run that has not ended, or goes on since, it is that of its latest checkpoint; `snapshot` asks for that of a
    step kept on the way.
    `device` is where it computes: cpu, cuda, cuda:1. Raises InputError when there is no such model or device, or the
    model's files are damaged.
    """
    torch_device(device)  # refused before anything is read
    folder = _folder(name_or_folder)
    if snapshot is not None:
        weights, about, path = _snapshot(folder, snapshot)
        return assemble(about, weights, path, device)
    if (folder / ABOUT).exists():
        about = read_about(folder / ABOUT)
        if not _has_gone_on(folder, about["step"]):
            weights, _, digest = read_tensors(folder / WEIGHTS)
            if about["weights"]["sha256"] != digest:
                hint = "a write was cut short: resume the run, which writes both anew"
                raise InputError("", WEIGHTS, f"the weights that {ABOUT} describes", hint, str(folder))
            return assemble(about, weights, folder / WEIGHTS, device)
    found = load_latest(folder / "checkpoints")
    if found is None:
        raise InputError("", str(folder), "a run with a model", "it has not come to its first checkpoint")
    tensors, about, _ = found
    weights = average_of(tensors)
    latents = RunFolder(folder).autoencoder
    if latents.exists():
        weights |= {PREFIX + name: value for name, value in read_tensors(latents)[0].items()}
    return assemble(about, weights, folder, device)


def _has_gone_on(folder: Path, step: int) -> bool:
    """Whether there is a later checkpoint: the model is that of an earlier stop."""
    return any((step_of(path) or 0) > step for path in numbered(folder / "checkpoints"))


def _folder(name_or_folder: str | os.PathLike[str]) -> Path:
    path, name = Path(name_or_folder), os.fspath(name_or_folder)
    try:
        if path.is_dir():
            if (path / ABOUT).exists() or RunFolder(path).holds_run:
                return path
            raise InputError("", name, "the folder of a run", "there is no run in it")
    except OSError as error:  # a name too long, a folder that may not be looked into
        raise InputError("", name, "the folder of a run", error.strerror or str(error)) from None
    if name in model_names():
        return model_folder(name)
    hint = did_you_mean(name, model_names()) if model_names() else ""
    raise InputError("", name, "the folder of a run, or the name of a shipped model", hint)


def _snapshot(folder: Path, step: int) -> tuple[dict[str, Tensor], dict[str, Any], Path]:
    path = folder / "snapshots" / file_name(step)
    if not path.exists():
        steps = ", ".join(str(step_of(path)) for path in reversed(numbered(folder / "snapshots")))
        raise InputError("snapshot", step, f"one of the steps {steps}" if steps else "no snapshot: the run kept none")
    weights, about, _ = read_tensors(path)
    return weights, about, path
