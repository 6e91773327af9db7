"""Trained models: the two files they are kept in, and what draws samples from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...devices.errors import InputError
from ...devices.files import replacing, require_plain_file
from ..data.sets import find_data_set
from ..latent import Autoencoder
from ..launched import ALONE, Processes
from ..models import PICTURES
from ..networks import Denoiser, build_network, parameter_count
from ..process import Prediction, SamplingError, Schedule, sample
from .autoencoder import PREFIX, make_autoencoder
from .config import TrainingConfig
from .failures import out_of_memory
from .read_config import check_config
from .streams import stream_seed
from .tensor_files import to_disk, write_tensors

WEIGHTS, ABOUT = "model.safetensors", "model.json"

NO_CLASS = "none"
"""Asks a network that knows classes for pictures of none."""
Asked = int | str | Sequence[int] | Tensor | None


@dataclass(frozen=True)
class TrainedModel:
    """A network with its averaged weights, in evaluation mode, and all that is needed to draw from it.

    `classes` names what it was told of the pictures, empty where it knows no classes; `about` is what `model.json`
    says: config, data, seeds, versions, figures. With an `autoencoder` the network works on its latents.
    """

    network: Denoiser
    config: TrainingConfig
    about: Mapping[str, Any] = field(repr=False)
    autoencoder: Autoencoder | None = None

    @property
    def schedule(self) -> Schedule:
        """The diffusion process."""
        return self.config.process.noise()

    @property
    def prediction(self) -> Prediction:
        """What the network predicts: eps, x0 or v."""
        return self.config.process.prediction

    @property
    def picture(self) -> tuple[int, int, int]:
        """(channels, rows, columns) of a picture."""
        return self.config.picture

    @cached_property
    def parameters(self) -> int:
        """How many numbers of the network were trained."""
        with torch.device("meta"):  # shapes without numbers
            return parameter_count(build_network(self.config.network, self.config.array, self.config.classes))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes it can be asked for."""
        return () if self.config.classes is None else find_data_set(self.config.data.name).classes

    def labels(self, n: int, asked: Asked = None) -> Tensor | None:
        """The classes of n samples (n,): those asked for, or one for all; all of them in turn when nothing is asked.

        None, for a network that knows no classes, and when `NO_CLASS` is asked for. Raises InputError for classes the
        model does not have, and for `NO_CLASS` of a network that never learned without one.
        """
        if asked is None:
            return None if self.config.classes is None else torch.arange(n) % self.config.classes
        if isinstance(asked, str):
            if asked != NO_CLASS:
                raise InputError("labels", asked, f"classes by number, or {NO_CLASS!r}")
            if self.config.training.unconditional == 0.0:
                raise InputError("labels", asked, "classes", "it was not trained without")
            return None
        if self.config.classes is None:
            raise InputError("labels", asked, "no classes: this model knows none")
        given = torch.as_tensor(asked, dtype=torch.int64)
        given = given.expand(n) if given.dim() == 0 else given
        if given.shape != (n,):
            raise InputError("labels", tuple(given.shape), f"one class for each of the {n} samples")
        outside = given[(given < 0) | (given >= self.config.classes)]
        if len(outside):
            names = ", ".join(f"{k} {name}" if str(k) != name else name for k, name in enumerate(self.classes))
            raise InputError("labels", int(outside[0]), f"one of the classes {names}")
        return given

    def sample(
        self,
        n: int,
        seed: int,
        labels: Asked = None,
        *,
        guidance: float | None = None,
        sampler: str | None = None,
        steps: int | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        batch: int = 32,
        progress: Callable[[float], None] | None = None,
        evaluations: list[int] | None = None,
        places: Processes = ALONE,
    ) -> Tensor:
        """n pictures (n, channels, rows, columns), float32 in [-1, 1], on the CPU; what is not given is the config's.

        `labels` asks for classes, as in `labels()`. Sample k of a seed is the same picture whatever n is: the network
        is always asked for `batch` pictures at once, those beyond n thrown away. `progress` is called with the share
        that is done; a list given as `evaluations` receives how many the network made for each picture, counted. `rtol`
        and `atol` are those of probability-flow, with which a picture depends on those beside it by about as much.
        Raises InputError for what does not fit the model, and SamplingError when numbers stop being
        finite, or memory is short. Of several processes (`places`) each draws every
        so manieth batch, and all get all pictures.
        """
        if n < 1 or batch < 1:
            raise InputError("n" if n < 1 else "batch", n if n < 1 else batch, "at least one sample")
        sampling = self.config.sampling
        chosen = sampling.sampler if sampler is None else sampler
        classes = self.labels(n, labels)
        if guidance is None:
            guidance = 1.0 if classes is None else sampling.guidance
        if guidance != 1.0 and self.config.training.unconditional in (0.0, 1.0):
            raise InputError("guidance", guidance, "1 for this model", "it was not trained with and without classes")
        done = torch.zeros((n, *self.picture))
        made = torch.zeros(n, dtype=torch.float64)
        for start in range(0, n, batch):
            if start // batch % places.count != places.number:
                continue
            counts: list[int] = []
            part = None if classes is None else classes[torch.arange(start, start + batch).clamp(max=n - 1)]
            with _memory(batch):
                drawn = sample(
                    self.network,
                    self.schedule,
                    self.config.process.prediction,
                    (batch, *self.config.array),
                    sampler=chosen,
                    steps=sampling.steps if steps is None else steps,
                    seed=seed,
                    first=start,
                    label=part,
                    guidance=guidance,
                    classes=self.config.classes,
                    eta=sampling.eta if chosen == "ddim" else None,
                    rtol=rtol,
                    atol=atol,
                    clip=None if self.autoencoder is None else False,
                    callback=_told(progress, start // batch, -(-n // batch)),
                    evaluations=counts,
                )
                done[start : start + batch] = self._shown(drawn)[: n - start]
            made[start : start + batch] = torch.tensor(counts[: n - start])
        if evaluations is not None:
            evaluations += [int(count) for count in places.summed(made).tolist()]
        return places.gathered(done).clamp(-1.0, 1.0)

    @torch.no_grad()
    def _shown(self, drawn: Tensor) -> Tensor:
        """Pictures of what was drawn: itself, or its latents decoded."""
        if self.autoencoder is None:
            return drawn
        return self.autoencoder.decode(drawn.to(self.autoencoder.scale.device)).cpu()


def make_network(config: TrainingConfig) -> Denoiser:
    """The network of a config as it is before training: its weights are drawn from `seed.weights`.

    Raises InputError when the network does not fit the pictures.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(config.seed.weights, "weights"))
        return build_network(config.network, config.array, config.classes)


def save_model(folder: Path, weights: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Write the two files of a model: its weights, then what is said about them with their hash."""
    digest = write_tensors(folder / WEIGHTS, weights, {"step": about["step"]})
    content = {**about, "weights": {"file": WEIGHTS, "sha256": digest}}
    with replacing(folder / ABOUT) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        to_disk(temporary)


def read_about(path: Path) -> dict[str, Any]:
    """What a `model.json` says. Raises InputError when it is missing or damaged."""
    try:
        require_plain_file(path)
        about = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(about, dict) or not isinstance(about.get("config"), dict):
            raise ValueError("it holds no config")
        if not isinstance(about.get("weights"), dict) or "sha256" not in about["weights"]:
            raise ValueError("it does not say which weights it describes")
        if type(about.get("step")) is not int:
            raise ValueError("it holds no step")
        return about
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("", path.name, "the description of a model, as cellnn writes it", reason, str(path)) from None


def assemble(
    about: Mapping[str, Any], weights: Mapping[str, Tensor], source: Path, device: str = "cpu"
) -> TrainedModel:
    """The model of a description and its weights. Raises InputError, naming `source`, where the two do not fit."""
    if about.get("kind", PICTURES) != PICTURES:
        hint = "this one draws parameters: cellnn parameters generate"
        raise InputError("", source.name, "a model that draws pictures", hint, str(source))
    try:
        config = check_config(about["config"])
    except InputError as error:
        raise error.at("config").in_file(str(source)) from None
    network, autoencoder = make_network(config), make_autoencoder(config)
    try:
        network.load_state_dict({name: value for name, value in weights.items() if not name.startswith(PREFIX)})
        if autoencoder is not None:
            marked = {name: value for name, value in weights.items() if name.startswith(PREFIX)}
            autoencoder.load_state_dict({name.removeprefix(PREFIX): value for name, value in marked.items()})
            autoencoder.to(device).eval().requires_grad_(False)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError("", source.name, "weights of the network it describes", reason, str(source)) from None
    return TrainedModel(network.to(device).eval().requires_grad_(False), config, about, autoencoder)


@contextmanager
def _memory(batch: int) -> Iterator[None]:
    """SamplingError where the network finds no memory for a batch."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise SamplingError(f"no memory was left for {batch} pictures at once: try a smaller batch") from error


def _told(progress: Callable[[float], None] | None, batch: int, batches: int) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress((batch + done / total) / batches)
