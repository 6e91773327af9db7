"""The operational amplifier, as a macro-model: one pole, and the limits a data sheet names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from .functions import clip
from .parameter import check_parameters, parameter, require_less


@dataclass(frozen=True)
class OpAmp:
    """Open-loop gain A0 / (1 + s A0 / (2 pi GBW)), a slew rate, rails, an input offset, an output resistance, noise.

    The pole's voltage p follows the input v_d = v_plus - v_minus + offset,

        dp/dt = clip(w v_d - w p / A0, -slew_rate, slew_rate) - w (p - clip(p, rails)),     w = 2 pi GBW,

    and the output is clip(p, rails) behind the output resistance. The last term takes p back to the rail within 1/w: a
    real amplifier's stages saturate, too, and need that long to recover from an overload. After the macro-model of
    G. R. Boyle, B. M. Cohn, D. O. Pederson and J. E. Solomon, IEEE J. Solid-State Circuits 9(6), 353-364 (1974), less
    its input stage: inputs draw no current. The defaults are those of a TL08x.

    Raises InputError for a parameter out of its range, and unless the lower rail is the lower one.
    """

    A0: float = parameter(2e5, "1", "open-loop gain at DC", low=1, high=1e15)
    GBW: float = parameter(3e6, "Hz", "gain-bandwidth product", low=1e-3, high=1e15)
    slew_rate: float = parameter(13e6, "V/s", "fastest change of the output", low=1e-3, high=1e18)
    low_rail: float = parameter(-12.0, "V", "lowest output", low=-1e4, high=-1e-6)
    high_rail: float = parameter(12.0, "V", "highest output", low=1e-6, high=1e4)
    offset: float = parameter(0.0, "V", "input offset", low=-1e3, high=1e3)
    output_resistance: float = parameter(0.0, "Ohm", "open-loop output resistance", low=0, high=1e9)
    noise: float = parameter(0.0, "V/Hz^1/2", "input noise voltage, one-sided density, white", low=0, high=1e-3)

    def __post_init__(self) -> None:
        check_parameters(self)
        require_less(self, "low_rail", "high_rail")

    def pole_rate(self, minus: Any, pole: Any, plus: Any = 0.0) -> Any:
        """dp/dt [V/s] at these voltages of the inputs and of the pole."""
        w = 2 * math.pi * self.GBW
        pull = w * (plus - minus + self.offset) - w / self.A0 * pole
        return clip(pull, -self.slew_rate, self.slew_rate) - w * (pole - self.source(pole))

    def source(self, pole: Any) -> Any:
        """The voltage [V] behind the output resistance."""
        return clip(pole, self.low_rail, self.high_rail)
