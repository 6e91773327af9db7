"""Measures of a circuit's run: one number each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..circuits.hardware.own_cell import own_cell
from .ran import LayerRan, Ran

NONE = float("nan")
"""What there is not, such as the settling time of a chip that never rests."""


def measured(names: Sequence[str], ran: Ran, ideal: Ran | None) -> list[float]:
    """These measures; `ideal` is the designed circuit's run, for those that need it."""
    return [float(_TAKEN[name](ran, ideal)) for name in names]


def _difference(ran: Ran, ideal: Ran | None) -> np.ndarray:
    assert ideal is not None
    found: np.ndarray = ran.read - ideal.read
    return found


def _agreement(ran: Ran, ideal: Ran | None) -> float:
    assert ideal is not None
    return float(np.mean(np.signbit(ran.read) == np.signbit(ideal.read)))


def _state_max(ran: Ran, ideal: Ran | None) -> float:
    return max(float(np.abs(layer.states[0]).max()) for layer in ran.layers)


def _settling_time(ran: Ran, ideal: Ran | None) -> float:
    """Layers run one after the other, each until it rests: the sum of their times."""
    times = [float(layer.settling.max()) for layer in ran.layers if layer.settling is not None]
    return sum(times) if times else NONE


def _settled(ran: Ran, ideal: Ran | None) -> float:
    shares = [np.isfinite(layer.settling).mean() for layer in ran.layers if layer.settling is not None]
    return float(np.mean(shares)) if shares else NONE


def _energy(ran: Ran, ideal: Ran | None) -> float:
    return sum(heat(layer) for layer in ran.layers)


def heat(layer: LayerRan) -> float:
    """Of R and memristors, v^2/R + v i(v, x), in all cells, samples added up [J]: trapezoids over the saved times."""
    from scipy.integrate import trapezoid

    cell = own_cell(layer.array)
    v = layer.states[0]
    power = v * v / cell.R
    if "x" in cell.states:
        x = layer.states[cell.states.index("x")]
        power = power + v * cell.area * cell.memristor.bounded_current(v, x)  # type: ignore[attr-defined]
    return float(trapezoid(power.sum(axis=(0, 2, 3, 4), dtype=np.float64), layer.times))


def _memristor_shift(ran: Ran, ideal: Ran | None) -> float:
    found = []
    for layer in ran.layers:
        if "x" in layer.array.cell.states:
            x = layer.states[layer.array.cell.states.index("x")]
            found.append(float(np.abs(x[:, -1] - x[:, 0]).max()))
    return max(found) if found else NONE


_TAKEN: dict[str, Callable[[Ran, Ran | None], float]] = {
    "error_rms": lambda ran, ideal: float(np.sqrt(np.mean(np.square(_difference(ran, ideal))))),
    "error_max": lambda ran, ideal: float(np.abs(_difference(ran, ideal)).max()),
    "agreement": _agreement,
    "output_mean": lambda ran, ideal: float(np.mean(ran.read)),
    "output_std": lambda ran, ideal: float(np.std(ran.read)),
    "state_max": _state_max,
    "settling_time": _settling_time,
    "settled": _settled,
    "energy": _energy,
    "memristor_shift": _memristor_shift,
}
