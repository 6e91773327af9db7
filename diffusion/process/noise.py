"""Noise for sampling: a stream for each sample, so that sample k of a seed is the same in any batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ...devices.errors import InputError


class SampleNoise:
    """The streams of samples `first`, `first + 1`, ... of a seed; every call draws one more tensor for each.

    A stream is Philox keyed by (seed, index), not a torch.Generator: of such a generator's seed only 32 bits count, and
    among a hundred thousand samples some would begin alike.
    """

    def __init__(self, seed: int, first: int, count: int, shape: Sequence[int], double: bool = False) -> None:
        for place, value in (("seed", seed), ("first", first)):
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
                raise InputError(place, value, "a whole number from 0 to 2^63 - 1")
        self._streams = [np.random.Generator(np.random.Philox(key=[seed, first + k])) for k in range(count)]
        self._shape = tuple(shape)
        self._type = np.float64 if double else np.float32

    def __call__(self) -> Tensor:
        """Standard normal numbers (count, *shape), on the CPU."""
        drawn = np.empty((len(self._streams), *self._shape), dtype=self._type)
        for stream, out in zip(self._streams, drawn, strict=True):
            stream.standard_normal(dtype=self._type, out=out)
        return torch.from_numpy(drawn)


def noise_of(seed: int, index: int, shape: Sequence[int]) -> Tensor:
    """The start noise of sample `index` of a seed: `shape`, standard normal, float32, on the CPU."""
    return SampleNoise(seed, index, 1, shape)()[0]
