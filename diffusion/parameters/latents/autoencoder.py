"""The autoencoder of vectors, trained with noise on its input and on its latents (Wang et al., section 3.2)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from ...latent import LatentError
from ...training.streams import stream_seed
from .config import VectorLatentSpec
from .scaling import Scaling

WIDTHS = (1, 2, 4, 4)
"""Channels of the convolutions, in units of the spec's width; each halves the length."""


class VectorAutoencoder(nn.Module):
    """Normalised vectors (n, size) to latents (n, latent) of mean 0 and variance 1 on average, and back.

    Train with `loss`, then call `measure_scale`, as the autoencoder of pictures. It keeps the scaling beside its
    weights, so that a trained one makes parameters by itself (`parameters_of`).
    """

    shift: Tensor
    scale: Tensor
    mean: Tensor
    spread: Tensor

    def __init__(self, spec: VectorLatentSpec, size: int, scaling: Scaling | None = None) -> None:
        super().__init__()
        self.spec, self.size = spec, size
        halved = 2 ** len(WIDTHS)
        self.padded = -(-size // halved) * halved
        widths = [spec.width * factor for factor in WIDTHS]
        short = self.padded // halved
        layers: list[nn.Module] = []
        for into, width in zip([1, *widths], widths, strict=False):
            layers += [nn.Conv1d(into, width, 5, stride=2, padding=2), nn.SiLU()]
        self.encoder = nn.Sequential(*layers, nn.Flatten(), nn.Linear(widths[-1] * short, spec.size))
        layers = [nn.Linear(spec.size, widths[-1] * short), nn.SiLU(), nn.Unflatten(1, (widths[-1], short))]
        for into, width in zip(reversed(widths), [*reversed(widths[:-1]), widths[0]], strict=True):
            layers += [nn.Upsample(scale_factor=2), nn.Conv1d(into, width, 5, padding=2), nn.SiLU()]
        self.decoder = nn.Sequential(*layers, nn.Conv1d(widths[0], 1, 5, padding=2))
        # each place of a vector is a parameter of its own, which no convolution can know
        self.place = nn.Linear(spec.size, size)
        self.register_buffer("shift", torch.zeros(spec.size))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("mean", torch.zeros(size) if scaling is None else scaling.mean)
        self.register_buffer("spread", torch.ones(size) if scaling is None else scaling.scale)

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Each vector's loss (n,): the mean squared error of its reconstruction plus `weight`/2 times its latent's mean
        square. Noise of the CPU's generator is added to the input and to the latent."""
        noise = torch.randn(x.shape, generator=generator).to(x)
        z = self._latent(x + self.spec.parameter_noise * noise)
        drawn = torch.randn(z.shape, generator=generator).to(z)
        error = self._vector(z + self.spec.latent_noise * drawn) - x
        return error.square().mean(1) + 0.5 * self.spec.weight * z.square().mean(1)

    def encode(self, x: Tensor) -> Tensor:
        """(n, latent) of (n, size)."""
        return (self._latent(x) - self.shift) / self.scale

    def decode(self, z: Tensor) -> Tensor:
        """(n, size) of (n, latent)."""
        return self._vector(z * self.scale + self.shift)

    @property
    def scaling(self) -> Scaling:
        """Between parameters and normalised vectors."""
        return Scaling(self.mean, self.spread)

    @torch.no_grad()
    def parameters_of(self, z: Tensor) -> Tensor:
        """Parameters (n, size) of latents (n, latent)."""
        return self.scaling.restored(self.decode(z))

    @torch.no_grad()
    def measure_scale(self, batches: Iterable[Tensor]) -> None:
        """Finds the mean of each number of the latents, and one scale for all: numbers that carry little stay small.

        Raises LatentError when they do not vary or are not finite.
        """
        latents = torch.cat([self._latent(x).double() for x in batches])
        mean = latents.mean(0)
        scale = (latents - mean).square().mean().sqrt()
        if not (torch.isfinite(scale) and scale > 1e-6):
            raise LatentError(f"the latents' spread is {float(scale):.3g}: train longer, or with less latent.weight")
        self.shift.copy_(mean)
        self.scale.copy_(scale)

    def _latent(self, x: Tensor) -> Tensor:
        found: Tensor = self.encoder(nn.functional.pad(x, (0, self.padded - self.size))[:, None])
        return found

    def _vector(self, z: Tensor) -> Tensor:
        found: Tensor = self.decoder(z)[:, 0, : self.size] + self.place(z)
        return found


def build_vector_autoencoder(
    spec: VectorLatentSpec, size: int, seed: int, scaling: Scaling | None = None
) -> VectorAutoencoder:
    """With random weights: the same for the same seed. torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, "autoencoder"))
        return VectorAutoencoder(spec, size, scaling)
