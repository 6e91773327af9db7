"""Random streams, one per purpose: what is drawn for one thing never moves another."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """The generator of a seed and a purpose, such as `stream(0, "programming", "block 3", "A")`.

    Counter-based (Philox, J. K. Salmon et al., SC 2011), so the same on every machine; another purpose, or another
    seed, is another stream, whatever else is drawn and in which order.
    """
    return Stream(seed, _words(purpose))


def key_of(seed: int, *purpose: str | int) -> int:
    """The key (64 bits) of a seed and a purpose, for numbers that are had by their place (`normals.py`)."""
    return int(np.random.SeedSequence([seed, *_words(purpose)]).generate_state(1, np.uint64)[0])


class Stream(np.random.Generator):
    """A generator whose normal numbers of single precision come from compiled code, ten times as fast."""

    def __init__(self, seed: int, words: list[int]) -> None:
        self._sequence = np.random.SeedSequence([seed, *words])
        super().__init__(np.random.Philox(self._sequence))
        self._calls = 0

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """As numpy's."""
        if np.dtype(dtype) != np.float32 or size is None or out is not None:
            return super().standard_normal(size, dtype, out)
        from .normals import fill_normals

        found = np.empty(size, np.float32)
        fill_normals(found.reshape(1, -1), int(self._sequence.generate_state(1, np.uint64)[0]), self._calls)
        self._calls += 1
        return found


def _words(purpose: tuple[str | int, ...]) -> list[int]:
    name = "/".join(map(str, purpose)).encode()
    words: list[int] = np.frombuffer(hashlib.sha256(name).digest(), np.uint32).tolist()
    return words
