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
COPIES = f"noise {NOISES[0]:g}"
"""The group that generated parameters must be told from: originals and a little noise."""
FEWER = (30, 100)
"""Numbers of originals, in place of all of them."""


def untrained(model: ParametersModel, originals: Tensor, n: int, seed: int) -> dict[str, Tensor]:
    """Vectors (n, size) that need no further training, by name.

    In place of diffusion: latents of the standard normal distribution, decoded, and those of the normal distribution
    that has the mean and covariance of the encoded originals. In place of all: an original plus noise as large as so
    many times the spread of its tensor, and the mean of all originals (one).
    """
    size = model.config.latent.size
    normal = torch.randn(n, size, generator=stream(seed, "normal latents"))
    found = {
        "normal latents": model.autoencoder.parameters_of(normal),
        "gaussian latents": model.autoencoder.parameters_of(gaussian_latents(model, originals, n, seed)),
    }
    scaling = Scaling.of(originals, model.layout)
    chosen = originals[torch.randint(len(originals), (n,), generator=stream(seed, "around"))]
    noise = torch.randn(chosen.shape, generator=stream(seed, "plain noise")) * scaling.scale
    for strength in NOISES:
        found[f"noise {strength:g}"] = chosen + strength * noise
    found["mean of originals"] = originals.double().mean(0, keepdim=True).float()
    return found


@torch.no_grad()
def gaussian_latents(model: ParametersModel, originals: Tensor, n: int, seed: int) -> Tensor:
    """(n, latent), float32, with the mean and covariance of the encoded originals."""
    latents = model.autoencoder.encode(model.autoencoder.scaling.normalised(originals)).double()
    variances, directions = torch.linalg.eigh(latents.T.cov())  # not Cholesky's: some hardly vary, and rounding counts
    drawn = torch.randn(n, latents.shape[1], generator=stream(seed, "gaussian latents"), dtype=torch.float64)
    found = latents.mean(0) + drawn * variances.clamp(min=0.0).sqrt() @ directions.T
    return found.float()


def retrained(
    model: ParametersModel, n: int, seed: int, progress: Callable[[str], None] = lambda name: None
) -> dict[str, Tensor]:
    """Vectors (n, size) of models trained anew: without noise on latents, and with fewer originals.

    The fewer are spread evenly over the same training as all of them; numbers that `data.hold_out` leaves nothing of
    are left out.
    """
    changes: dict[str, dict[str, Any]] = {"no latent noise": {"latent": {"latent_noise": 0.0}}}
    data = model.config.data
    kept = len(model.collection.vectors) if data.first is None else data.first
    changes |= {f"K = {count}": {"data": {"first": count}} for count in FEWER if data.hold_out < count < kept}
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
