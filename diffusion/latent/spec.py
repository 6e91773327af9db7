"""The `latent` part of a training config: diffusion in the latents of an autoencoder; without it, in pixels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from ...circuits.spec.fields import Section, quantity, whole
from ...devices.errors import InputError

GROUPS = 8
"""Groups of the group norms: widths are multiples of it."""


class LatentSpec(Section):
    """An autoencoder: 28x28 pictures become 7x7 latents of 4 channels, 32x32 ones 8x8, unless it says otherwise."""

    channels: Annotated[int, whole(1, 64)] = 4
    """Channels of the latents."""
    factor: Literal[2, 4, 8] = 4
    """How many times fewer rows and columns the latents have."""
    width: Annotated[int, whole(GROUPS, 1024)] = 32
    """Channels of the layers nearest to the picture; those nearest to the latents have twice as many."""
    regularisation: Literal["kl", "noise"] = "kl"
    """kl: latents with a learned variance (Kingma and Welling 2014); noise: with a fixed one."""
    weight: Annotated[float, quantity("1", 0.0, 1e3)] = 1e-3
    """How much the regularisation counts beside the reconstruction's mean squared error."""
    noise: Annotated[float, quantity("1", 0.0, 10.0)] = 0.1
    """The latents' standard deviation during training where it is fixed."""

    @model_validator(mode="after")
    def _grouped(self) -> LatentSpec:
        if self.width % GROUPS:
            raise InputError("width", self.width, f"a multiple of {GROUPS}")
        if self.regularisation == "kl" and "noise" in self.model_fields_set:
            raise InputError("noise", self.noise, "no noise with regularisation kl", "kl learns it")
        return self


def latent_shape(spec: LatentSpec, picture: tuple[int, int, int]) -> tuple[int, int, int]:
    """(channels, rows, columns) of the latents of a picture (channels, rows, columns).

    Raises InputError when rows or columns are no multiples of the factor.
    """
    _, rows, columns = picture
    if rows % spec.factor or columns % spec.factor:
        raise InputError("factor", spec.factor, f"a divisor of the pictures' {rows} rows and {columns} columns")
    return spec.channels, rows // spec.factor, columns // spec.factor
