"""The base of every memristor: a current i(v, x) and a state rate dx/dt = g(v, x), x in [0, 1]."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .functions import clip, maximum, minimum, off_zero, where
from .parameter import check_parameters

NANOVOLT = 1e-9


@dataclass(frozen=True)
class Memristor(ABC):
    """A voltage-controlled memristor with one state x, 1 = fully ON and 0 = fully OFF.

    A model is a frozen dataclass: its fields are `parameter(...)`s, and `current` and `rate` read like
    the paper. Both are called with numbers, numpy arrays or sympy symbols, so they use the functions of
    `devices.functions`. Raises InputError when a parameter is not finite or out of its range.
    """

    name: ClassVar[str]
    """The name in specs and on the command line."""
    title: ClassVar[str]
    """One line on what the device is."""
    paper: ClassVar[str]
    """Where the equations and the default parameters come from."""
    voltage_range: ClassVar[tuple[float, float]] = (-float("inf"), float("inf"))
    """Volts between which the model was fitted; a run that leaves them says so."""
    parameter_sets: ClassVar[Mapping[str, Mapping[str, float]]] = {}
    """Published alternatives to the defaults, by name."""

    def __post_init__(self) -> None:
        check_parameters(self)

    @abstractmethod
    def current(self, v: Any, x: Any) -> Any:
        """The current [A] at the voltage v [V] and state x [1]."""

    @abstractmethod
    def rate(self, v: Any, x: Any) -> Any:
        """dx/dt [1/s] at the voltage v [V] and state x [1]."""

    def conductance(self, v: Any, x: Any) -> Any:
        """The conductance i/v [S]. Within a nanovolt of 0, that a few nanovolts away: thermal noise is always more."""
        v = off_zero(v, NANOVOLT)
        return self.current(v, x) / v

    def bounded_conductance(self, v: Any, x: Any) -> Any:
        """`conductance` with x held to [0, 1], and never negative: a conductance without loss has no thermal noise."""
        return maximum(self.conductance(v, clip(x, 0.0, 1.0)), 0.0)

    def bounded_current(self, v: Any, x: Any) -> Any:
        """`current` with x held to [0, 1]: what every backend uses."""
        return self.current(v, clip(x, 0.0, 1.0))

    def bounded_rate(self, v: Any, x: Any) -> Any:
        """`rate` with x held to [0, 1], and never pointing out of it: what every backend uses."""
        rate = self.rate(v, clip(x, 0.0, 1.0))
        return where(x <= 0.0, maximum(rate, 0.0), where(x >= 1.0, minimum(rate, 0.0), rate))
