"""Converters at the border of an array: codes of so many bits, a range, levels that are not quite equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..parameter import parameter
from .effect import CHIP, Array, Effect


@dataclass(frozen=True)
class Converter(Effect):
    """2^bits - 1 levels from -full_scale to full_scale, 0 among them; values beyond are clipped.

    Steps between levels scatter by `dnl` (standard deviation, in LSB), and levels bend by `inl` LSB in the middle of
    the range (a parabola), ends held: so a converter calibrated at its ends is.
    """

    name = "converters"
    when = CHIP
    paper = "IEEE Std 1241-2010 (terms); W. R. Bennett, Bell Syst. Tech. J. 27(3), 446 (1948)"

    bits: float = parameter(8.0, "1", "bits of a code", low=2, high=16)
    full_scale: float = parameter(1.0, "1", "largest value, in units of V1", low=1e-6, high=1e6)
    inl: float = parameter(0.0, "1", "bend of the levels in the middle [LSB]", low=-64, high=64)
    dnl: float = parameter(0.0, "1", "spread of the steps [LSB]", low=0, high=0.5)

    @property
    def active(self) -> bool:
        """See `Effect`."""
        return True

    @property
    def codes(self) -> int:
        """The number of levels."""
        return 2 ** int(self.bits) - 1

    @property
    def step(self) -> float:
        """One LSB."""
        return 2.0 * self.full_scale / (self.codes - 1)

    @property
    def ideal(self) -> bool:
        """Whether levels are equally spaced: then `levels` is not needed."""
        return self.inl == 0.0 and self.dnl == 0.0

    def levels(self, count: int, generator: np.random.Generator) -> Array:
        """The levels of so many converters (count, codes), increasing unless steps scatter past each other."""
        codes = self.codes
        even = np.linspace(-self.full_scale, self.full_scale, codes)
        if self.ideal:
            return np.repeat(even[np.newaxis], count, axis=0)
        walk = np.zeros((count, codes))
        if self.dnl:
            walk[:, 1:] = np.cumsum(self.dnl * generator.standard_normal((count, codes - 1)), axis=1)
        along = np.linspace(0.0, 1.0, codes)
        walk -= walk[:, -1:] * along  # the ends are held
        bend = self.inl * 4.0 * along * (1.0 - along)
        return even + self.step * (walk + bend)

    def converted(self, values: Array, levels: Array | None = None) -> Array:
        """The values (samples, channels, ...) after conversion: a digital-to-analogue converter puts out levels.

        levels (channels or 1, codes); None: ideal ones.
        """
        code = np.round((np.clip(values, -self.full_scale, self.full_scale) + self.full_scale) / self.step)
        if levels is None:
            return code * self.step - self.full_scale
        channel = np.arange(values.shape[1]) % len(levels)
        return levels[channel.reshape(1, -1, *(1,) * (values.ndim - 2)), code.astype(np.int64)]

    def read(self, values: Array, levels: Array | None = None) -> Array:
        """The values after an analogue-to-digital converter: the code whose level is nearest, as its ideal level."""
        if levels is None:
            return self.converted(values)
        out = np.empty_like(values)
        for channel in range(values.shape[1]):
            own = np.sort(levels[channel % len(levels)])
            codes = np.searchsorted(0.5 * (own[1:] + own[:-1]), values[:, channel])
            out[:, channel] = codes * self.step - self.full_scale
        return out
