"""Random streams, one per purpose: what is drawn for one thing never moves another."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """The generator of a seed and a purpose, such as `stream(0, "programming", "block 3", "A")`.

    Counter-based (Philox, J. K. Salmon et al., SC 2011), so the same on every machine; another purpose, or another
    seed, is another stream, whatever else is drawn and in which order.
    """
    name = "/".join(map(str, purpose)).encode()
    key = np.frombuffer(hashlib.sha256(name).digest(), np.uint32)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, *key.tolist()])))
