"""An amplitude and a frequency at which a memristor's loop is visibly open."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.codegen.numba_functions import NumbaMemristor
from ..devices.errors import InputError
from .sinusoid import lobe_areas

_POINTS = 240
_CYCLES = 2
_AMPLITUDES = np.array([digit * 10.0**decade for decade in (-2, -1, 0, 1) for digit in (1, 1.5, 2, 3, 5, 7)])  # V
_FREQUENCIES = np.array([digit * 10.0**decade for decade in range(-2, 10) for digit in (1, 3)])  # Hz


def open_drive(
    functions: NumbaMemristor, x0: float, amplitude: float | None, frequency: float | None
) -> tuple[float, float]:
    """What is None is searched for, the other kept: the drive with the most open loop on both sides.

    All candidates are integrated at once by a linearly implicit Euler step: rough, but it ranks them.
    """
    low, high = functions.device.voltage_range
    bound = min(-low, high)
    if amplitude is not None:
        amplitudes = np.array([amplitude])
    elif math.isfinite(bound):
        amplitudes = bound * np.linspace(0.1, 0.9, 17)
    else:
        amplitudes = _AMPLITUDES
    frequencies = np.array([frequency]) if frequency is not None else _FREQUENCIES
    a, f = (grid.ravel() for grid in np.meshgrid(amplitudes, frequencies, indexing="ij"))
    openness = _openness(functions, a, f, x0)
    best = int(np.argmax(openness))
    if not openness[best] > 0:
        raise InputError(
            "amplitude", amplitude, "a drive that switches the device", "none was found: give amplitude and frequency"
        )
    # of the loops nearly as open as the best, the one with the smallest amplitude
    good = np.flatnonzero(openness > 0.85 * openness[best])
    best = int(good[np.lexsort((-openness[good], a[good]))[0]])
    return float(a[best]), float(f[best])


def _openness(functions: NumbaMemristor, a: NDArray[Any], f: NDArray[Any], x0: float) -> NDArray[Any]:
    phase = np.arange(_CYCLES * _POINTS + 1) / _POINTS
    x = np.full(a.shape, x0)
    voltage = a[:, None] * np.sin(2 * np.pi * phase)
    current = np.empty_like(voltage)
    current[:, 0] = functions.current(voltage[:, 0], x)
    h = 1 / (f * _POINTS)
    with np.errstate(all="ignore"):
        for k in range(1, len(phase)):
            g, slope = functions.rate(voltage[:, k], x), functions.derivatives(voltage[:, k], x)["dg_dx"]
            step = h * g / np.maximum(1 - h * slope, 0.05)
            x = np.clip(x + np.clip(np.nan_to_num(step), -0.2, 0.2), 0.0, 1.0)
            current[:, k] = functions.current(voltage[:, k], x)
        positive, negative = lobe_areas(voltage[:, -_POINTS - 1 :], current[:, -_POINTS - 1 :])
        # the smaller lobe counts most: a loop open on one side only looks like a diode's
        return np.nan_to_num(np.sqrt(positive * negative) + 0.1 * (positive + negative))
