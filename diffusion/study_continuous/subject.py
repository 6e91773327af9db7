"""A trained network that is studied."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property

from ...devices.errors import InputError
from ..training import TrainedModel, load_run


@dataclass(frozen=True, eq=False)
class Subject:
    """A model by the name it was asked for."""

    name: str
    model: TrainedModel

    @cached_property
    def digest(self) -> str:
        """SHA-256 of names and values of all its weights."""
        found = hashlib.sha256()
        for name, value in sorted(self.model.network.state_dict().items()):
            found.update(name.encode())
            found.update(value.contiguous().cpu().numpy().tobytes())
        return found.hexdigest()

    @property
    def key(self) -> dict[str, object]:
        """What every result of it depends on: weights, and the config that says how they are used."""
        parts = {"network", "process", "sampling"}
        return {"weights": self.digest, "config": self.model.config.model_dump(mode="json", include=parts)}


def find_subject(run: str | os.PathLike[str]) -> Subject:
    """The model of a run's folder or a shipped one. Raises InputError for none, or one of latents."""
    model = load_run(run)
    if model.autoencoder is not None:
        raise InputError("", str(run), "a model of pixels", "this one works on latents")
    return Subject(str(model.about.get("name", model.config.name)), model)


def comparable(one: Subject, other: Subject) -> list[str]:
    """What differs beside the network, as sentences. Raises InputError for models of other data."""
    a, b = one.model.config, other.model.config
    if a.data.name != b.data.name:
        raise InputError("", b.data.name, f"a model of {a.data.name}, as {one.name} is", "", other.name)
    found = []
    for part in ("process", "training", "seed", "sampling"):
        mine, theirs = (getattr(config, part).model_dump(mode="json") for config in (a, b))
        for key in mine:
            if mine[key] != theirs[key]:
                found.append(f"{part}.{key} is {mine[key]} in {one.name} and {theirs[key]} in {other.name}.")
    for each in (one, other):
        if each.model.about.get("status") not in ("completed", None):
            found.append(f"{each.name} has not ended its training: step {each.model.about.get('step')}.")
    return found
