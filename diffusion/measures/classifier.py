"""Trained LeNets on disk: weights as safetensors, and a description as JSON beside them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.torch import load, save

from ...devices.errors import InputError
from ...devices.files import require_plain_file, write_atomically
from .lenet import LeNet

FOLDER = Path(__file__).parent / "lenets"
SHIPPED = {"mnist-5k": "mnist", "mnist": "mnist", "fashion-mnist": "fashion-mnist", "digits": "digits"}
"""Which of the LeNets in `lenets/` a data set is measured with."""


Channels = Annotated[int, Field(ge=1, le=64)]
Size = Annotated[int, Field(ge=8, le=512)]
"""Rows or columns; a LeNet of pictures this large still finds memory anywhere."""


class Description(BaseModel):
    """What a classifier is and how it was made; `sha256` is that of its file of weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    picture: tuple[Channels, Size, Size]
    classes: tuple[str, ...] = Field(min_length=2, max_length=1000)
    sha256: str
    accuracy: float = Field(ge=0, le=1)
    accuracy_count: int
    parameters: int
    data: dict[str, Any]
    training: dict[str, Any]
    versions: dict[str, str]


@dataclass(frozen=True)
class Classifier:
    """A LeNet in evaluation mode, with its description."""

    name: str
    network: LeNet
    description: Description


def save_classifier(path: Path, network: LeNet, description: dict[str, Any]) -> Description:
    """Write FILE.safetensors and FILE.json; `description` is a `Description` without sha256 and parameters."""
    weights = save({key: value.contiguous() for key, value in network.state_dict().items()})
    whole = Description(
        **description,
        sha256=hashlib.sha256(weights).hexdigest(),
        parameters=sum(weight.numel() for weight in network.parameters()),
    )
    write_atomically(path, weights)
    write_atomically(path.with_suffix(".json"), (whole.model_dump_json(indent=2) + "\n").encode())
    return whole


def load_classifier(data: str, file: Path | None = None) -> Classifier:
    """The LeNet that ships for this data set, or the one in a file. Raises InputError when there is none, and when
    the file is damaged or is not what its description says."""
    if file is None:
        if data not in SHIPPED:
            raise InputError(
                "classifier",
                data,
                f"a data set that a LeNet ships for: {', '.join(SHIPPED)}",
                f"make one: python -m cellnn.diffusion.measures.train_lenet {data} -o lenet.safetensors; "
                "then --classifier lenet.safetensors",
            )
        file = FOLDER / f"{SHIPPED[data]}.safetensors"
    weights, description = _read(file), _describe(file.with_suffix(".json"))
    if hashlib.sha256(weights).hexdigest() != description.sha256:
        raise InputError("", "other content", "the weights whose SHA-256 is in the .json beside it", "", str(file))
    network = LeNet(description.picture, len(description.classes))
    try:
        network.load_state_dict(load(weights))
    except Exception as error:  # noqa: BLE001  (safetensors and torch have exceptions of their own)
        reason = " ".join(str(error).split())
        raise InputError(
            "", "other tensors", "the weights of a LeNet in safetensors", reason[:200], str(file)
        ) from None
    if not all(torch.isfinite(weight).all() for weight in network.parameters()):
        raise InputError("", "weights that are not finite", "the weights of a LeNet", "", str(file))
    return Classifier(file.stem, network.eval().requires_grad_(False), description)


def _read(path: Path) -> bytes:
    try:
        require_plain_file(path)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("classifier", str(path), "a readable file", reason) from None


def _describe(path: Path) -> Description:
    try:
        return Description(**json.loads(_read(path)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(place, first["input"], "a classifier's description", first["msg"], str(path)) from None
    except (ValueError, TypeError, RecursionError):
        raise InputError("", "other content", "a classifier's description in JSON", "", str(path)) from None
