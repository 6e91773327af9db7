"""Random numbers by name: every draw of a run has a stream of its own, so that a run can go on from any step."""

from __future__ import annotations

import hashlib

import torch


def stream_seed(seed: int, purpose: str, number: int = 0) -> int:
    """A seed of 64 bits for one draw: the `number`-th (of a step, an epoch) for this purpose."""
    name = f"{seed}/{purpose}/{number}".encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


def stream(seed: int, purpose: str, number: int = 0) -> torch.Generator:
    """A generator of the CPU for one draw.

    torch's generator takes 32 bits of its seed: among a hundred thousand steps a few begin alike, which a training
    does not notice. Samples are drawn from streams without that limit (process/noise.py).
    """
    return torch.Generator().manual_seed(stream_seed(seed, purpose, number))
