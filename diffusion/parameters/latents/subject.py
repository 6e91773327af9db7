"""What the training loop has to know to learn parameters in place of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...training.subject import Subject
from .autoencoder import VectorAutoencoder, build_vector_autoencoder
from .config import ParametersConfig, read_parameters_config
from .data import VectorData, load_vectors
from .network import VectorDenoiser, build_vector_network
from .scaling import Scaling

KIND = "parameters"
COLLECTED = "collected.safetensors"
"""The parameters a model was learned from, beside it: what it draws is used and measured with them."""


def make_network(config: ParametersConfig, told: int) -> VectorDenoiser:
    """The denoiser before training, for so many measurements."""
    return build_vector_network(config.network, config.latent.size, told, config.seed.weights)


def make_autoencoder(config: ParametersConfig, size: int, scaling: Scaling | None = None) -> VectorAutoencoder:
    """The autoencoder before training, for vectors of this size."""
    return build_vector_autoencoder(config.latent, size, config.seed.weights, scaling)


def _told(data: VectorData) -> int:
    return 0 if data.conditions is None else data.conditions.shape[1]


def _keep(data: VectorData, folder: Path) -> None:
    """What was read, not the file it was read from: that one may have changed by now."""
    data.collection.write(folder / COLLECTED)


def _about(data: VectorData) -> dict[str, Any]:
    return {
        "kind": KIND,
        "layout": data.collection.layout.plain(),
        "told": _told(data),
        "measure": data.collection.about["measure"],
        "collected": {key: value for key, value in data.collection.about.items() if key not in ("layout", "kind")},
    }


PARAMETERS = Subject(
    read=read_parameters_config,
    load=load_vectors,
    network=lambda config, data: make_network(config, _told(data)),
    autoencoder=lambda config, data: make_autoencoder(config, data.vectors.shape[1], data.scaling),
    about=_about,
    keep=_keep,
)
