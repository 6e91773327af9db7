"""What is left when a part of the recipe is left out, or something simpler takes its place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...training.streams import stream
from ..latents.config import read_parameters_config
from ..latents.scaling import Scaling
from ..latents.train import train_parameters
from ..model import ParametersModel, load_parameters

NOISES = (0.1, 0.5, 1.0)
"""Plain noise around an original, in units of the spread of the originals."""
FEWER = (30, 100)
"""Numbers of originals, in place of all of them."""


def untrained(model: ParametersModel, originals: Tensor, n: int, seed: int) -> dict[str, Tensor]:
    """Vectors (n, size) that need no further training, by name.

    The prior of the autoencoder in place of diffusion - standard normal latents, decoded -, an original plus noise as
    large as so many times the spread of its tensor, and the mean of all originals (one).
    """
    size = model.config.latent.size
    prior = torch.randn(n, size, generator=stream(seed, "prior"))
    found = {"prior": model.autoencoder.parameters_of(prior)}
    scaling = Scaling.of(originals, model.layout)
    chosen = originals[torch.randint(len(originals), (n,), generator=stream(seed, "around"))]
    noise = torch.randn(chosen.shape, generator=stream(seed, "plain noise")) * scaling.scale
    for strength in NOISES:
        found[f"noise {strength:g}"] = chosen + strength * noise
    found["mean of originals"] = originals.double().mean(0, keepdim=True).float()
    return found


def retrained(
    model: ParametersModel, n: int, seed: int, progress: Callable[[str], None] = lambda name: None
) -> dict[str, Tensor]:
    """Vectors (n, size) of models trained anew: without noise on latents, and with fewer originals."""
    changes: dict[str, dict[str, Any]] = {"no latent noise": {"latent": {"latent_noise": 0.0}}}
    kept = len(model.collection.vectors)
    changes |= {f"K = {count}": {"data": {"first": count}} for count in FEWER if count < kept}
    found = {}
    for name, change in changes.items():
        progress(name)
        with tempfile.TemporaryDirectory() as folder:
            document = _changed(model.about["config"], change)
            model.collection.write(Path(folder) / "collected.safetensors")
            document["data"] = {**document["data"], "file": str(Path(folder) / "collected.safetensors")}
            train_parameters(read_parameters_config(document), Path(folder) / "run")
            found[name] = load_parameters(Path(folder) / "run").generate(n, seed)
    return found


def _changed(document: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The document with other values of some keys, parts within parts."""
    found = dict(document)
    for key, value in change.items():
        found[key] = _changed(found.get(key, {}), value) if isinstance(value, Mapping) else value
    return found
