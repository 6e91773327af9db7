"""How samples are drawn for the study."""

from __future__ import annotations

from dataclasses import dataclass

from ...devices.errors import InputError
from ...simulator.on_torch.device import torch_device
from ..measures.samples import LEAST


@dataclass(frozen=True)
class Settings:
    """How many samples a final model, a snapshot and the check of the integration get, and how they are drawn."""

    samples: int = 2000
    snapshot_samples: int = 1000
    accurate_samples: int = 500
    seed: int = 0
    batch: int = 100
    device: str = "cpu"


def checked(settings: Settings) -> Settings:
    """The settings. Raises InputError for too few samples, and for a device that is not there."""
    for name in ("samples", "snapshot_samples", "accurate_samples"):
        if getattr(settings, name) < LEAST:
            raise InputError(name, getattr(settings, name), f"{LEAST} or more: fewer say nothing of a distribution")
    if settings.batch < 1:
        raise InputError("batch", settings.batch, "at least one sample at a time")
    torch_device(settings.device)
    return settings
