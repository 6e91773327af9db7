"""The denoiser of latents."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...networks.embedding import Condition
from ...training.streams import stream_seed
from .config import VectorNetworkSpec


class _Block(nn.Module):
    """h + W2 silu(scale (W1 norm(h)) + shift), scale and shift from the condition; nothing at the start."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first, self.last = nn.Linear(width, width), nn.Linear(width, width)
        self.condition = nn.Linear(embedding, 2 * width)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, h: Tensor, condition: Tensor) -> Tensor:
        """(n, width) of (n, width) and (n, embedding)."""
        scale, shift = self.condition(condition).chunk(2, dim=1)
        found: Tensor = h + self.last(nn.functional.silu((1 + scale) * self.first(self.norm(h)) + shift))
        return found


class VectorDenoiser(nn.Module):
    """The prediction (n, size) for noised latents x (n, size) at diffusion times t (n,) in [0, 1].

    Where it has a `told` > 0 it is given measurements (n, told) in the place of classes.
    """

    def __init__(self, spec: VectorNetworkSpec, size: int, told: int) -> None:
        super().__init__()
        self.time = Condition(spec.embedding, None)
        self.measured: nn.Sequential | None = None
        if told:
            self.measured = nn.Sequential(
                nn.Linear(told, spec.width), nn.SiLU(), nn.Linear(spec.width, spec.embedding), nn.SiLU()
            )
        self.first = nn.Linear(size, spec.width)
        embedding = spec.embedding * (2 if told else 1)
        self.blocks = nn.ModuleList(_Block(spec.width, embedding) for _ in range(spec.blocks))
        self.last = nn.Linear(spec.width, size)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """See the class; `label` is what was measured."""
        condition = self.time(t)
        if self.measured is not None:
            condition = torch.cat([condition, self.measured(label)], dim=1)
        h = self.first(x)
        for block in self.blocks:
            h = block(h, condition)
        found: Tensor = self.last(nn.functional.silu(h))
        return found

    def integrate_as_at(self, share: float) -> None:
        """There is nothing to integrate."""


def build_vector_network(spec: VectorNetworkSpec, size: int, told: int, seed: int) -> VectorDenoiser:
    """With random weights: the same for the same seed. torch's own generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, "weights"))
        return VectorDenoiser(spec, size, told)
