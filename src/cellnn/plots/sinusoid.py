"""A memristor driven by a sinusoidal voltage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from ..devices.codegen.numba_functions import NumbaMemristor
from ..devices.errors import SimulationError

POINTS = 400
"""Points in a cycle."""


@dataclass(frozen=True)
class Driven:
    """Time [s], voltage [V], state [1] and current [A] of a memristor under v = amplitude sin(2 pi f t)."""

    frequency: float
    time: NDArray[Any]
    voltage: NDArray[Any]
    state: NDArray[Any]
    current: NDArray[Any]

    @property
    def last_cycle(self) -> slice:
        """The points of the last cycle, both ends included."""
        return slice(-POINTS - 1, None)


def drive(functions: NumbaMemristor, amplitude: float, frequency: float, x0: float, cycles: int) -> Driven:
    """Integrate the state over whole cycles, implicitly: rates differ by tens of decades within one."""
    phase = np.linspace(0.0, cycles, cycles * POINTS + 1)

    def rate(at: float, x: NDArray[Any]) -> NDArray[Any]:
        return functions.rate(amplitude * math.sin(2 * math.pi * at), x) / frequency

    def slope(at: float, x: NDArray[Any]) -> NDArray[Any]:
        by_state = functions.derivatives(amplitude * math.sin(2 * math.pi * at), x)["dg_dx"]
        return np.reshape(by_state, (1, 1)) / frequency

    solution = solve_ivp(
        rate, (0.0, cycles), [x0], method="Radau", t_eval=phase, jac=slope, rtol=1e-5, atol=1e-7, max_step=0.02
    )
    if not solution.success:
        raise SimulationError(
            f"{functions.device.name} at {amplitude:g} V, {frequency:g} Hz: {solution.message}; try a smaller amplitude"
        )
    state = np.clip(solution.y[0], 0.0, 1.0)
    voltage = amplitude * np.sin(2 * np.pi * phase)
    voltage[:: POINTS // 2] = 0.0  # sin(2 pi k) is not quite 0
    return Driven(frequency, phase / frequency, voltage, state, functions.current(voltage, state))


def lobe_areas(voltage: NDArray[Any], current: NDArray[Any]) -> tuple[Any, Any]:
    """The areas the loop encloses at positive and at negative voltages, over the box it lies in (last axis: one
    cycle); 0 for a loop that is a line."""
    middle = voltage.shape[-1] // 2
    box = np.ptp(voltage, axis=-1) * np.ptp(current, axis=-1) + 1e-300
    halves = [slice(0, middle + 1), slice(middle, None)]
    positive, negative = (abs(np.trapezoid(current[..., half], voltage[..., half], axis=-1)) / box for half in halves)
    return positive, negative
