"""Trained generative models of parameters: what draws new ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...devices.errors import MISSING, InputError, did_you_mean
from ..models import model_folder, model_names
from ..process import sample
from ..training.autoencoder import PREFIX
from ..training.model import ABOUT, WEIGHTS, read_about
from ..training.read_config import check_as
from ..training.tensor_files import read_tensors
from .latents.autoencoder import VectorAutoencoder
from .latents.config import ParametersConfig
from .latents.network import VectorDenoiser
from .latents.subject import COLLECTED, KIND, make_autoencoder, make_network
from .vectors import Collection, Layout, read_collection

AT_ONCE = 64
"""Latents the network is always asked for at once: sample k is the same whatever n is."""


@dataclass(frozen=True, eq=False)
class ParametersModel:
    """Denoiser and autoencoder in evaluation mode, and the collection they were learned from."""

    name: str
    config: ParametersConfig
    network: VectorDenoiser
    autoencoder: VectorAutoencoder
    collection: Collection
    about: Mapping[str, Any] = field(repr=False)

    @property
    def layout(self) -> Layout:
        """Of the parameters."""
        return self.collection.layout

    def latents(
        self,
        n: int,
        seed: int,
        told: Tensor | None = None,
        *,
        steps: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Tensor:
        """n latents (n, latent) by diffusion; `told` (n, m) or (1, m) is what was measured, where the model wants it.

        Raises InputError where it fits not, and SamplingError when numbers stop being finite.
        """
        wanted = int(self.about["told"])
        if wanted != (0 if told is None else told.shape[-1]):
            given = "none" if told is None else tuple(told.shape)
            raise InputError("measurements", given, f"{wanted} for each of the {n} samples" if wanted else "none")
        sampling, process = self.config.sampling, self.config.process
        found = []
        for start in range(0, n, AT_ONCE):
            condition = None
            if told is not None:
                rows = torch.arange(start, start + AT_ONCE).clamp(max=len(told) - 1)
                condition = told[rows]

            def denoise(x: Tensor, t: Tensor, label: Tensor | None, condition: Tensor | None = condition) -> Tensor:
                answer: Tensor = self.network(x, t, condition)
                return answer

            drawn = sample(
                denoise,
                process.noise(),
                process.prediction,
                (AT_ONCE, self.config.latent.size),
                sampler=sampling.sampler,
                steps=sampling.steps if steps is None else steps,
                seed=seed,
                first=start,
                eta=sampling.eta,
                clip=False,
                device="cpu",
            )
            found.append(drawn)
            if progress is not None:
                progress(min(1.0, (start + AT_ONCE) / n))
        return torch.cat(found)[:n]

    def generate(
        self,
        n: int,
        seed: int,
        told: Tensor | None = None,
        *,
        steps: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Tensor:
        """n vectors of parameters (n, size), by the arguments of `latents`: the same seed, the same bits."""
        if n < 1:
            raise InputError("n", n, "at least one sample")
        latents = self.latents(-(-n // AT_ONCE) * AT_ONCE, seed, told, steps=steps, progress=progress)
        return torch.cat([self.autoencoder.parameters_of(part) for part in torch.split(latents, AT_ONCE)])[:n]


def load_parameters(name_or_folder: str | os.PathLike[str]) -> ParametersModel:
    """The model of a run's folder, or a shipped one by its name.

    Raises InputError when there is none, when it draws something else, and when its files are damaged.
    """
    folder = _folder(name_or_folder)
    about = read_about(folder / ABOUT)
    if about.get("kind") != KIND:
        hint = "this one draws pictures: cellnn sample"
        raise InputError("", os.fspath(name_or_folder), "a model that draws parameters", hint)
    weights, _, digest = read_tensors(folder / WEIGHTS)
    if about["weights"]["sha256"] != digest:
        raise InputError("", WEIGHTS, f"the weights that {ABOUT} describes", "train it anew", str(folder))
    collection = _collection(folder, about)
    try:
        config = check_as(about["config"], ParametersConfig)
        network = make_network(config, about["told"])
        autoencoder = make_autoencoder(config, collection.layout.size)
        own = {name: value for name, value in weights.items() if not name.startswith(PREFIX)}
        network.load_state_dict(own)
        autoencoder.load_state_dict({k.removeprefix(PREFIX): v for k, v in weights.items() if k.startswith(PREFIX)})
    except InputError as error:
        raise error.at("config").in_file(str(folder / ABOUT)) from None
    except (RuntimeError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError("", WEIGHTS, "weights of the model it describes", reason, str(folder)) from None
    for part in (network, autoencoder):
        part.eval().requires_grad_(False)
    return ParametersModel(os.fspath(name_or_folder), config, network, autoencoder, collection, about)


def _collection(folder: Path, about: Mapping[str, Any]) -> Collection:
    """What the model was learned from. InputError where the description tells of something else."""
    collection, digest = read_collection(folder / COLLECTED)
    data = about.get("data")
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, dict) or digest not in files.values():
        hint = "another file has taken its place: put the model's own there, or train it anew"
        raise InputError("", COLLECTED, f"the parameters that {ABOUT} describes", hint, str(folder))
    told = 0 if collection.conditions is None else collection.conditions.shape[1]
    if type(about.get("told")) is not int or about["told"] != told:
        expected = f"{told}, the measurements of each set of parameters in {COLLECTED}"
        raise InputError("told", about.get("told", MISSING), expected, "", str(folder / ABOUT))
    return collection


def _folder(name_or_folder: str | os.PathLike[str]) -> Path:
    path, name = Path(name_or_folder), os.fspath(name_or_folder)
    known = model_names(KIND)
    try:
        if (path / ABOUT).is_file():
            return path
        if path.is_dir() and name not in known:
            raise InputError("", name, "the folder of a run", "there is no trained model in it")
    except OSError as error:
        raise InputError("", name, "the folder of a run", error.strerror or str(error)) from None
    if name in known:
        return model_folder(name)
    raise InputError("", name, "the folder of a run, or the name of a shipped model", did_you_mean(name, known))
