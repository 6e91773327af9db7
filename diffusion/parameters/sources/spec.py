"""The `source` part of a config: whose parameters are collected."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from ....circuits.spec.fields import Section, quantity, whole
from ....devices.errors import InputError, did_you_mean
from ...layers.integration import EXPLICIT
from ...training.config import Count, DataSpec, _text_or_nothing


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class BaseTraining(Section):
    """How a classifier is trained before anything is collected: AdamW, its rate falling along half a cosine."""

    epochs: Annotated[int, whole(1, 100_000)] = 30
    learning_rate: Annotated[float, quantity("1", 1e-12, 1e3)] = 0.02
    weight_decay: Annotated[float, quantity("1", 0.0, 1e3)] = 0.05


class ClassifierSpec(Section):
    """Arrays of plain cells in a row, means of 2 x 2 after each, and a linear readout."""

    channels: Annotated[tuple[Annotated[int, whole(1, 1024)], ...], BeforeValidator(_as_tuple)] = (8, 16)
    C: Annotated[float, quantity("F", 1e-15, 1.0)] = 1e-9
    R: Annotated[float, quantity("Ohm", 1e-3, 1e12)] = 1e3
    stop: Annotated[float, quantity("s", 1e-15, 1e6)] = 2e-6
    method: str = "euler"
    steps: Annotated[int, whole(1, 10_000)] = 4
    training: BaseTraining = BaseTraining()

    @model_validator(mode="after")
    def _fits(self) -> ClassifierSpec:
        if not self.channels:
            raise InputError("channels", [], "a list of at least one number of channels")
        if self.method not in EXPLICIT:
            raise InputError(
                "method", self.method, f"one of {', '.join(EXPLICIT)}", did_you_mean(self.method, EXPLICIT)
            )
        return self


class SourceSpec(Section):
    """One of: a classifier, trained here; the classifier of a collection, by its file, as it is there; a denoiser, by
    the name of a shipped model or its run's folder. Files and folders are looked up from the config's folder."""

    classifier: ClassifierSpec | None = None
    collected: Annotated[str | None, BeforeValidator(_text_or_nothing)] = None
    model: Annotated[str | None, BeforeValidator(_text_or_nothing)] = None

    @model_validator(mode="after")
    def _one(self) -> SourceSpec:
        given = [name for name in ("classifier", "collected", "model") if getattr(self, name) is not None]
        if len(given) != 1:
            raise InputError("", " and ".join(given) or "nothing", "one of `classifier`, `collected` and `model`")
        return self


class PicturesSpec(DataSpec):
    """The pictures parameters are trained and measured with."""

    held_out: Annotated[int, whole(0, 1_000_000)] = 0
    """So many pictures of the train split are kept from training and join the test split's: finer measures."""
    batch: Count = 50
    shifts: Annotated[int, whole(0, 8)] = 0
    """Shift pictures by up to so many pixels, rows and columns, in training."""
