"""The `network` part of a training config."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from ...circuits.spec.fields import Section, quantity, whole
from ...devices.errors import InputError

Channels = Annotated[int, whole(1, 4096)]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class NetworkSpec(Section):
    """A U-Net and its blocks."""

    block: Literal["conv", "cellnn", "m-cellnn"]
    channels: Annotated[tuple[Channels, ...], BeforeValidator(_as_tuple)] = (32, 64, 64)
    """Planes at each resolution, the finest first; each is half the one before."""
    embedding: Annotated[int, whole(4, 4096)] = 128
    """Width of the diffusion step's embedding; with `parameters`, found from it."""
    parameters: Annotated[int, whole(1, 10**9)] | None = None
    """The number of trained parameters to come near, by the width of the embedding: for comparisons of blocks."""
    dropout: Annotated[float, quantity("1", 0.0, 0.9)] = 0.0

    @model_validator(mode="after")
    def _levels(self) -> NetworkSpec:
        if not self.channels:
            raise InputError("channels", [], "a list of at least one number of channels")
        return self
