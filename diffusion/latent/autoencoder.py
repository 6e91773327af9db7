"""The autoencoder: pictures to latents of unit variance and back, and the loss it is trained with."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from ...devices.errors import CellnnError
from .layers import decoder, encoder
from .spec import LatentSpec, latent_shape

LOG_VARIANCES = (-20.0, 10.0)
"""Between these a learned log variance is held: its exponential stays finite, its gradient is not needed beyond."""


class LatentError(CellnnError):
    """An autoencoder's latents cannot be used: they do not vary, or are not finite."""


class Autoencoder(nn.Module):
    """Encoder, decoder, and the latents' mean and deviation in each channel, found after training by `measure_scale`.

    Train with `loss`, then call `measure_scale`; diffusion then works on `encode(x)`, and `decode` shows its samples.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, spec: LatentSpec, picture: tuple[int, int, int]) -> None:
        """Raises InputError when the picture's size does not fit the spec."""
        super().__init__()
        self.spec, self.picture, self.latent = spec, picture, latent_shape(spec, picture)
        self.encoder, self.decoder = encoder(spec, picture[0]), decoder(spec, picture[0])
        self.register_buffer("shift", torch.zeros(spec.channels, 1, 1))
        self.register_buffer("scale", torch.ones(spec.channels, 1, 1))

    def loss(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Each picture's loss (n,): mean squared error of its reconstruction plus `weight` times the regularisation.

        The latents are drawn around their means, z = mean + deviation noise, with noise from the generator (one of the
        CPU). The regularisation is the mean over the latents of KL(N(mean, deviation^2) || N(0, 1)), in nats (Kingma
        and Welling 2014, arXiv 1312.6114, appendix B); with a fixed deviation only its mean^2/2 is left, which keeps
        the means from growing away from the noise.
        """
        mean, log_variance = self._moments(x)
        noise = torch.randn(mean.shape, generator=generator).to(mean)
        error = self.decoder(mean + torch.exp(0.5 * log_variance) * noise) - x
        divergence = 0.5 * mean.square()
        if self.spec.regularisation == "kl":
            divergence = divergence + 0.5 * (log_variance.exp() - 1 - log_variance)
        each: Tensor = error.square().flatten(1).mean(1) + self.spec.weight * divergence.flatten(1).mean(1)
        return each

    def encode(self, x: Tensor) -> Tensor:
        """Pictures (n, channels, rows, columns) to the means of their latents: each channel of mean 0, variance 1."""
        return (self._moments(x)[0] - self.shift) / self.scale

    def decode(self, z: Tensor) -> Tensor:
        """Latents, as `encode` gives them, to pictures in [-1, 1]."""
        pictures: Tensor = self.decoder(z * self.scale + self.shift)
        return pictures.clamp(-1.0, 1.0)

    @torch.no_grad()
    def measure_scale(self, batches: Iterable[Tensor]) -> None:
        """Finds mean and deviation of each channel of the latents over these pictures, for `encode` and `decode`.

        Raises LatentError when a channel does not vary or is not finite.
        """
        means = torch.cat([self._moments(x)[0].double().movedim(1, 0).flatten(1) for x in batches], dim=1)
        deviation = means.std(dim=1)
        if not bool((torch.isfinite(deviation) & (deviation > 1e-6)).all()):
            values = ", ".join(f"{value:.3g}" for value in deviation.tolist())
            hint = "each must be finite and above 1e-6: train longer, or with a smaller latent.weight"
            raise LatentError(f"the standard deviations of the latents' channels are {values}; {hint}")
        self.shift.copy_(means.mean(dim=1).reshape(-1, 1, 1))
        self.scale.copy_(deviation.reshape(-1, 1, 1))

    def _moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latents, as the encoder has them."""
        out: Tensor = self.encoder(x)
        if self.spec.regularisation == "kl":
            mean, log_variance = out.chunk(2, dim=1)
            return mean, log_variance.clamp(*LOG_VARIANCES)
        return out, torch.full_like(out, 2 * _log(self.spec.noise))


def _log(deviation: float) -> float:
    """The logarithm; that of a deviation of 0 is so low that its exponential is 0."""
    return float(torch.tensor(deviation, dtype=torch.float64).log().clamp(min=-1e3))


def build_autoencoder(spec: LatentSpec, picture: tuple[int, int, int], seed: int = 0) -> Autoencoder:
    """An autoencoder with random weights: the same for the same seed. torch's own generator is left as it was.

    Raises InputError when the picture's size does not fit the spec.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Autoencoder(spec, picture)
