"""Mismatch: values that scatter from chip to chip and from place to place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import CHIP, Array, Effect

FARTHEST = 4.0
"""Standard deviations beyond which no part passes its test; and no value may change its sign."""


@dataclass(frozen=True)
class Spread(Effect):
    """A factor 1 + common n_chip + local n_place, n normal; truncated at four standard deviations and above 0.

    The correlation of two places on one chip is common^2 / (common^2 + local^2).
    """

    name = "mismatch"
    when = CHIP
    paper = "M. J. M. Pelgrom, A. C. J. Duinmaijer, A. P. G. Welbers, IEEE J. Solid-State Circuits 24(5), 1433 (1989)"

    local: float = parameter(0.0, "1", "relative standard deviation within a chip", low=0, high=0.5)
    common: float = parameter(0.0, "1", "relative standard deviation from chip to chip", low=0, high=0.5)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return self.local > 0.0 or self.common > 0.0

    def factors(self, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
        """Factors of this shape (chips, ...), float64."""
        chips = (shape[0], *(1,) * (len(shape) - 1))
        common = deviations(self.common, chips, generator)
        return np.broadcast_to(1.0 + common + deviations(self.local, shape, generator), shape)

    def offsets(self, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
        """The deviations without the 1, for quantities that are 0 by design: offsets, in units of the full scale."""
        return self.factors(shape, generator) - 1.0


def truncated(
    shape: tuple[int, ...], farthest: float, generator: np.random.Generator, kind: type[np.floating] = np.float64
) -> Array:
    """Standard normal numbers of this type, none farther from 0 than this."""
    drawn = generator.standard_normal(shape, kind)
    while True:
        wrong = np.abs(drawn) > farthest
        count = int(np.count_nonzero(wrong))
        if count == 0:
            return drawn
        drawn[wrong] = generator.standard_normal(count, kind)


def deviations(
    sigma: float, shape: tuple[int, ...], generator: np.random.Generator, kind: type[np.floating] = np.float64
) -> Array:
    """What so many places deviate by, relative to their mean, with this standard deviation; 0 if that is 0."""
    if sigma == 0.0:
        return np.zeros((1,) * len(shape), kind)
    farthest = min(FARTHEST, 0.45 / sigma)  # two of them still leave a positive value
    return sigma * truncated(shape, farthest, generator, kind)
