"""The two halves of the autoencoder."""

from __future__ import annotations

from torch import Tensor, nn

from .spec import GROUPS, LatentSpec


class Residual(nn.Module):
    """x + conv(conv(x)), each after group norm and SiLU (He et al. 2016; as in Rombach et al. 2022)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers += [nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv2d(width, width, 3, padding=1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, rows, columns) to the same."""
        out: Tensor = x + self.layers(x)
        return out


def halvings(spec: LatentSpec) -> int:
    """How often rows and columns are halved."""
    return spec.factor.bit_length() - 1


def encoder(spec: LatentSpec, channels: int) -> nn.Sequential:
    """(n, channels, rows, columns) to (n, outputs, rows/factor, columns/factor).

    The outputs are the latents' means and, where they are learned, the logarithms of their variances.
    """
    width, layers = spec.width, list[nn.Module]()
    for k in range(halvings(spec)):
        wider = spec.width if k == 0 else 2 * spec.width
        layers += [nn.Conv2d(channels if k == 0 else width, wider, 4, stride=2, padding=1), nn.SiLU()]
        width = wider
    outputs = spec.channels * (2 if spec.regularisation == "kl" else 1)
    return nn.Sequential(*layers, Residual(width), _head(width, outputs))


def decoder(spec: LatentSpec, channels: int) -> nn.Sequential:
    """The way back; enlarged by repetition and then smoothed, which leaves no checkerboard (Odena et al. 2016)."""
    width = spec.width * (1 if halvings(spec) == 1 else 2)
    layers: list[nn.Module] = [nn.Conv2d(spec.channels, width, 3, padding=1), Residual(width)]
    for k in range(halvings(spec)):
        narrower = spec.width if k >= halvings(spec) - 2 else width
        layers += [nn.Upsample(scale_factor=2), nn.Conv2d(width, narrower, 3, padding=1), nn.SiLU()]
        width = narrower
    return nn.Sequential(*layers, nn.Conv2d(width, channels, 3, padding=1))


def _head(width: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.GroupNorm(GROUPS, width), nn.SiLU(), nn.Conv2d(width, outputs, 3, padding=1))
