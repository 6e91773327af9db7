"""The training config, schema version 1, as pydantic models: made once at the border, trusted inside."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, StringConstraints, field_validator, model_validator

from ...circuits.spec.fields import Section, optional_quantity, quantity, whole
from ...circuits.spec.hardware import HardwareSpec
from ...devices.errors import MISSING, InputError
from ..data.sets import find_data_set
from ..latent import LatentSpec, latent_shape
from ..networks.spec import CIRCUITS, NetworkSpec
from ..process.samplers import find_sampler
from ..process.schedule import Schedule
from .duration import Duration

MOST = 1_000_000_000
"""No count in a config may exceed this."""
MOST_AT_ONCE = 65536
"""Pictures in a batch, or asked of a test split."""

Count = Annotated[int, whole(1, MOST)]
Every = Annotated[int, whole(0, MOST)]
"""A number of steps after which something happens; 0: never."""
Seed = Annotated[int, whole(0, 2**63 - 1)]
Share = Annotated[float, quantity("1", 0.0, 1.0)]
AtOnce = Annotated[int, whole(1, MOST_AT_ONCE)]


def _text_or_nothing(value: Any) -> Any:
    if value is not None and not (isinstance(value, str) and value):
        raise InputError("", value, "the name of a folder, or null")
    return value


def _name_or_nothing(value: Any) -> Any:
    if value is not None and not (isinstance(value, str) and value):
        raise InputError("", value, "the folder of a run, the name of a shipped model, or null")
    return value


class DataSpec(Section):
    """The pictures to learn from."""

    name: str = "mnist-5k"
    folder: Annotated[str | None, BeforeValidator(_text_or_nothing)] = None
    """Where the data set's files are, from the config's folder; null: where they usually are."""

    @field_validator("name", mode="after")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            find_data_set(name)
        except InputError as error:
            raise InputError("", error.value, error.expected, error.hint) from None
        return name


class ProcessSpec(Section):
    """The diffusion process, what the network predicts, and how its errors are weighted."""

    schedule: Literal["linear", "cosine"] = "cosine"
    steps: Annotated[int, whole(50, 100_000)] = 1000
    prediction: Literal["eps", "x0", "v"] = "v"
    loss: Literal["plain", "min-snr"] = "plain"

    def noise(self) -> Schedule:
        """The schedule of this process, made once."""
        return _schedule(self.schedule, self.steps)


_schedule = cache(Schedule)


class TrainingSpec(Section):
    """How the network is trained, and what is kept on the way."""

    steps: Count
    time_limit: Annotated[float | None, Duration] = None
    """Seconds of training after which the run ends; evaluations, pictures and checkpoints are not counted."""
    batch: AtOnce = 64
    accumulate: AtOnce = 1
    """Parts a batch is computed in, one after the other: less memory, the same gradient to rounding."""
    learning_rate: Annotated[float, quantity("1", 1e-12, 1e3)] = 2e-3
    warmup: Every = 200
    """Steps over which the learning rate rises from zero."""
    decay: Literal["cosine", "constant"] = "cosine"
    weight_decay: Annotated[float, quantity("1", 0.0, 1e3)] = 0.0
    beta1: Annotated[float, quantity("1", 0.0, 0.999999)] = 0.9
    beta2: Annotated[float, quantity("1", 0.0, 0.999999)] = 0.999
    ema: Annotated[float, quantity("1", 0.0, 0.999999)] = 0.999
    ema_from: Annotated[float, quantity("1", 0.0, 0.999999)] = 0.0
    """The share of the steps after which the average starts over: what was learned before does not linger in it."""
    statistics: Annotated[int, whole(0, 100_000)] = 0
    """Batches from which the batch norms of the average are measured anew, whenever it is used; 0: theirs are averages
    as the weights are."""
    gradient_clip: Annotated[float | None, optional_quantity("1", 1e-9, 1e9)] = 1.0
    """The largest norm of the gradient; a longer one is shortened to it."""
    precision: Literal["single", "bfloat16"] = "single"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    unconditional: Share = 0.1
    """The share of pictures whose class is withheld; 1: a network that knows no classes."""
    flips: bool = False
    """Mirror half of the pictures, left to right."""
    shifts: Annotated[int, whole(0, 64)] = 0
    """Shift pictures by up to so many pixels, rows and columns, their edge repeated."""
    log_every: Count = 50
    evaluate_every: Every = 500
    evaluate_pictures: AtOnce = 512
    checkpoint_every: Count = 500
    snapshot_every: Every = 0
    sample_every: Every = 0
    tensorboard: bool = False

    @model_validator(mode="after")
    def _fits(self) -> TrainingSpec:
        if self.batch % self.accumulate:
            raise InputError("accumulate", self.accumulate, f"a divisor of training.batch ({self.batch})")
        if self.warmup > self.steps:
            raise InputError("warmup", self.warmup, f"at most training.steps ({self.steps})")
        return self


class SamplingSpec(Section):
    """How samples are drawn unless one says otherwise."""

    sampler: str = "dpm-solver++"
    steps: Annotated[int, whole(1, 100_000)] = 20
    guidance: Annotated[float, quantity("1", 0.0, 100.0)] = 1.0
    """1: as the classes are; more: stronger than they are (Ho and Salimans 2022)."""
    eta: Annotated[float | None, optional_quantity("1", 0.0, 1.0)] = None
    """The share of DDPM's noise in ddim."""

    @model_validator(mode="after")
    def _known(self) -> SamplingSpec:
        find_sampler(self.sampler)
        if self.eta is not None and self.sampler != "ddim":
            raise InputError("eta", self.eta, f"no eta with {self.sampler}", "only ddim has one")
        return self


class SeedSpec(Section):
    """One seed per purpose."""

    weights: Seed = 0
    data: Seed = 1
    noise: Seed = 2
    samples: Seed = 3


class AutoencoderTraining(Section):
    """How the autoencoder is trained; its learning rate falls to zero along half a cosine."""

    steps: Count = 2000
    batch: AtOnce = 64
    learning_rate: Annotated[float, quantity("1", 1e-12, 1e3)] = 1e-3


class LatentStage(LatentSpec):
    """Diffusion in the latents of an autoencoder, which is trained first."""

    training: AutoencoderTraining = AutoencoderTraining()


class TrainingConfig(Section):
    """A whole run: data, network, process, training, sampling and seeds."""

    cellnn: Literal[1]
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._\-]*$", max_length=100)]
    data: DataSpec = DataSpec()
    start: Annotated[str | None, BeforeValidator(_name_or_nothing)] = None
    """What weights begin as: a run's, by its folder, or a shipped model's, by its name; null: drawn from a seed."""
    hardware: HardwareSpec | None = None
    """Effects the arrays are trained with, drawn afresh in every step; null: ideal ones."""
    latent: LatentStage | None = None
    """Diffusion in latents; null: in pixels."""
    network: NetworkSpec
    process: ProcessSpec = ProcessSpec()
    training: TrainingSpec
    sampling: SamplingSpec = SamplingSpec()
    seed: SeedSpec = SeedSpec()

    @field_validator("cellnn", mode="before")
    @classmethod
    def _version(cls, value: Any) -> Any:
        if type(value) is not int or value != 1:
            raise InputError("", value, "1, the version of the schema this program reads")
        return value

    @model_validator(mode="after")
    def _guidance_has_classes(self) -> TrainingConfig:
        share = self.training.unconditional
        if self.sampling.guidance != 1.0 and not 0.0 < share < 1.0:
            hint = "guidance needs a network trained with and without the class"
            raise InputError(
                "sampling.guidance", self.sampling.guidance, f"1 with training.unconditional {share:g}", hint
            )
        return self

    @model_validator(mode="after")
    def _hardware_has_a_start(self) -> TrainingConfig:
        if self.hardware is not None and self.network.block not in CIRCUITS:
            expected, hint = f"no hardware with block: {self.network.block}", f"use block: {' or '.join(CIRCUITS)}"
            raise InputError("hardware", "a mapping", expected, hint)
        if self.hardware is not None and self.start is None:
            hint = "first train with ideal arrays, then go on from there: converters get the ranges found there"
            raise InputError("start", MISSING, "the run or the shipped model to start from", hint)
        if self.hardware is not None and self.training.statistics:
            hint = "with hardware the batch norms keep the statistics of the start"
            raise InputError("training.statistics", self.training.statistics, "0 with hardware", hint)
        return self

    @model_validator(mode="after")
    def _states_are_single(self) -> TrainingConfig:
        if self.training.precision != "single" and self.network.block not in ("conv", "residual"):
            hint = "states are integrated in single precision"
            raise InputError(
                "training.precision", self.training.precision, f"single with block: {self.network.block}", hint
            )
        return self

    @model_validator(mode="after")
    def _latents_fit(self) -> TrainingConfig:
        if self.latent is not None:
            try:
                latent_shape(self.latent, self.picture)
            except InputError as error:
                raise error.at("latent") from None
            for name in ("flips", "shifts"):
                if getattr(self.training, name):
                    value = getattr(self.training, name)
                    raise InputError(f"training.{name}", value, f"no {name} with latent", "pictures are encoded once")
        return self

    @model_validator(mode="after")
    def _shifts_leave_something(self) -> TrainingConfig:
        _, rows, columns = self.picture
        if self.training.shifts >= min(rows, columns):
            size = f"fewer pixels than the pictures of {self.data.name} have ({rows} x {columns})"
            raise InputError("training.shifts", self.training.shifts, size)
        return self

    @property
    def classes(self) -> int | None:
        """How many classes the network is told; None when it knows none."""
        return None if self.training.unconditional == 1.0 else len(find_data_set(self.data.name).classes)

    @property
    def picture(self) -> tuple[int, int, int]:
        """(channels, rows, columns) of the data set's pictures."""
        return find_data_set(self.data.name).shape

    @property
    def array(self) -> tuple[int, int, int]:
        """(channels, rows, columns) of what the denoiser works on: pictures, or their latents."""
        return self.picture if self.latent is None else latent_shape(self.latent, self.picture)
