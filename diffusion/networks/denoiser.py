"""What training, sampling and deployment ask of a network."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from ..layers import ArrayDynamics
from .integration import IntegrationSpec


class Denoiser(nn.Module, ABC):
    """A network that predicts noise, picture or velocity of noisy pictures, at a diffusion time and for a class."""

    def __init__(self, integration: tuple[IntegrationSpec, ...] = ()) -> None:
        super().__init__()
        self.integration = integration

    def integrate_as_at(self, share: float) -> None:
        """Integrate the arrays as the plan says when this share of the training, from 0 to 1, has passed; a new
        network does as at the end."""
        for part in self.integration:
            if share < part.until or part.until == 1.0:
                for module in self.modules():
                    if isinstance(module, ArrayDynamics):
                        module.integration = part.integration()
                return

    @abstractmethod
    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """The prediction, as x (n, planes, rows, columns), at diffusion times t (n,) in [0, 1]; `label` (n,)."""
