"""The HP memristor: linear ion drift, without a window and with those of Joglekar and of Biolek.

The doped part of a film of thickness D conducts well; x = w/D is the part that is doped, so x = 1 is ON:
    v = (R_on x + R_off (1 - x)) i,    dx/dt = mu R_on / D^2 i f(x, i)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .functions import power, where
from .memristor import Memristor
from .parameter import parameter, require_less

HP = "D. B. Strukov, G. S. Snider, D. R. Stewart, R. S. Williams, The missing memristor found, Nature 453, 80-83 (2008)"
SOURCE = "Strukov 2008; R_on as in Biolek, Biolek, Biolkova, Radioengineering 18(2), 210 (2009)"


def drift_current(device: Any, v: Any, x: Any) -> Any:
    """The current [A] through the doped and the undoped part in series."""
    return v / (device.R_on * x + device.R_off * (1 - x))


def drift_rate(device: Any, v: Any, x: Any) -> Any:
    """dx/dt [1/s] without a window: the drift of the border between the two parts."""
    return device.mu * device.R_on / device.D**2 * drift_current(device, v, x)


def joglekar_window(x: Any, p: Any) -> Any:
    """0 at both ends, 1 in the middle; the larger p, the flatter. A state at an end stays there for ever."""
    return 1 - power(2 * x - 1, 2 * p)


def biolek_window(sign: Any, x: Any, p: Any) -> Any:
    """0 only at the end driven to, so that a state at an end can leave it; `sign` is that of the current."""
    return 1 - power(x - where(sign > 0, 0.0, 1.0), 2 * p)


@dataclass(frozen=True)
class LinearIonDrift(Memristor):
    """The model as published by HP, with hard limits at the ends: an ideal memristor, x is the charge."""

    name = "linear-ion-drift"
    title = "HP's TiO2 memristor, linear ion drift without a window"
    paper = HP
    parameter_sets = {"ratio-380": {"R_off": 38e3}}

    R_on: float = parameter(100, "Ohm", "resistance at x = 1", low=1e-3, high=1e12, source=SOURCE)
    R_off: float = parameter(16e3, "Ohm", "resistance at x = 0", low=1e-3, high=1e15, source=SOURCE)
    D: float = parameter(1e-8, "m", "thickness of the film", low=1e-10, high=1e-3, source=SOURCE)
    mu: float = parameter(1e-14, "m^2/(V s)", "mobility of the dopants", low=0, high=1e-6, source=SOURCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_less(self, "R_on", "R_off")

    def current(self, v: Any, x: Any) -> Any:
        return drift_current(self, v, x)

    def rate(self, v: Any, x: Any) -> Any:
        return drift_rate(self, v, x)


@dataclass(frozen=True)
class LinearIonDriftJoglekar(Memristor):
    """HP's model with Joglekar's window. Start it inside (0, 1): at the ends the state cannot move."""

    name = "linear-ion-drift-joglekar"
    title = "HP's TiO2 memristor with Joglekar's window"
    paper = (
        "Y. N. Joglekar, S. J. Wolf, The elusive memristor: properties of basic electrical circuits, "
        "Eur. J. Phys. 30, 661-675 (2009); " + HP
    )
    parameter_sets = {"ratio-380": {"R_off": 38e3}}

    R_on: float = parameter(100, "Ohm", "resistance at x = 1", low=1e-3, high=1e12, source=SOURCE)
    R_off: float = parameter(16e3, "Ohm", "resistance at x = 0", low=1e-3, high=1e15, source=SOURCE)
    D: float = parameter(1e-8, "m", "thickness of the film", low=1e-10, high=1e-3, source=SOURCE)
    mu: float = parameter(1e-14, "m^2/(V s)", "mobility of the dopants", low=0, high=1e-6, source=SOURCE)
    p: float = parameter(10, "1", "steepness of the window", low=1, high=100, source=SOURCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_less(self, "R_on", "R_off")

    def current(self, v: Any, x: Any) -> Any:
        return drift_current(self, v, x)

    def rate(self, v: Any, x: Any) -> Any:
        return drift_rate(self, v, x) * joglekar_window(x, self.p)


@dataclass(frozen=True)
class LinearIonDriftBiolek(Memristor):
    """HP's model with Biolek's window: the window looks at the sign of the current."""

    name = "linear-ion-drift-biolek"
    title = "HP's TiO2 memristor with Biolek's window"
    paper = (
        "Z. Biolek, D. Biolek, V. Biolkova, SPICE model of memristor with nonlinear dopant drift, "
        "Radioengineering 18(2), 210-214 (2009); " + HP
    )
    parameter_sets = {"ratio-380": {"R_off": 38e3}}

    R_on: float = parameter(100, "Ohm", "resistance at x = 1", low=1e-3, high=1e12, source=SOURCE)
    R_off: float = parameter(16e3, "Ohm", "resistance at x = 0", low=1e-3, high=1e15, source=SOURCE)
    D: float = parameter(1e-8, "m", "thickness of the film", low=1e-10, high=1e-3, source=SOURCE)
    mu: float = parameter(1e-14, "m^2/(V s)", "mobility of the dopants", low=0, high=1e-6, source=SOURCE)
    p: float = parameter(10, "1", "steepness of the window", low=1, high=100, source=SOURCE)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_less(self, "R_on", "R_off")

    def current(self, v: Any, x: Any) -> Any:
        return drift_current(self, v, x)

    def rate(self, v: Any, x: Any) -> Any:
        return drift_rate(self, v, x) * biolek_window(v, x, self.p)
