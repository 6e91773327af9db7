"""The op-amp cell by hand: Kirchhoff's laws node by node, and a follower's step response, for comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

C, R, V1 = 1e-9, 1e3, 1.0


@dataclass(frozen=True)
class Amplifiers:
    """Three equal amplifiers within their rails and below their slew rate: linear."""

    A0: float
    GBW: float = 1.0
    offset: float = 0.0
    Ro: float = 0.0


def network(op: Amplifiers, g: float, loading: float, drive: float, states=None) -> dict[str, float]:
    """Node voltages of one cell, from one equation for each unknown.

    `drive` is D, the sum of w times what each weight reads; none of it is the cell's own output. Without `states` the
    cell is at rest; otherwise (v, p1, p2, p3) are given: the capacitor and the amplifiers' poles hold their voltages.
    """
    names = ["n", "o1", "m", "o2", "y", "s1", "s2", "i"]  # i: the current through C
    at = {name: k for k, name in enumerate(names)}
    rows, right = [], []

    def equation(value: float, **factors: float) -> None:
        row = np.zeros(len(names))
        for name, factor in factors.items():
            row[at[name]] += factor
        rows.append(row)
        right.append(value)

    Gf, Ga, Gb, Gd = 1 / R, 1 / (10 * R), 1 / (10 * g * R), 1 / (g * R)
    # currents that leave a node sum up to zero
    equation(drive / R, n=loading / R + Gf, o1=-Gf, i=1)
    equation(0, m=Ga + Gb, o1=-Ga, o2=-Gb)
    if op.Ro > 0:
        equation(0, o1=Gf + Ga + 1 / op.Ro, n=-Gf, m=-Ga, s1=-1 / op.Ro, i=-1)
        equation(0, o2=Gb + Gd + 1 / op.Ro, m=-Gb, s2=-1 / op.Ro)
    else:
        equation(0, o1=1, s1=-1)
        equation(0, o2=1, s2=-1)
    if states is None:
        equation(0, i=1)
        equation(op.A0 * op.offset, s1=1, n=op.A0)
        equation(op.A0 * op.offset, s2=1, m=op.A0)
        equation(op.A0 * op.offset, y=1 + op.A0, o2=-op.A0 / g)
    else:
        v, p1, p2, p3 = states
        equation(v, n=1, o1=-1)
        equation(p1, s1=1)
        equation(p2, s2=1)
        equation(p3, y=1)
    return dict(zip(names, np.linalg.solve(np.array(rows), np.array(right)), strict=True))


def rates(op: Amplifiers, g: float, loading: float, drive: float, states) -> np.ndarray:
    """Time derivatives of v, p1, p2, p3 [V/s]."""
    nodes, w = network(op, g, loading, drive, states), 2 * np.pi * op.GBW
    inputs = -nodes["n"], -nodes["m"], nodes["o2"] / g - nodes["y"]
    poles = [w * (d + op.offset - p / op.A0) for d, p in zip(inputs, states[1:], strict=True)]
    return np.array([nodes["i"] / C, *poles])


def transient(op: Amplifiers, g: float, loading: float, drive: float, times: np.ndarray) -> np.ndarray:
    """(4, times) of v, p1, p2, p3 from 0, by the exponential of the linear network's matrix."""
    still = rates(op, g, loading, drive, np.zeros(4))
    system = np.zeros((5, 5))
    system[:4, :4] = np.array([rates(op, g, loading, drive, unit) - still for unit in np.eye(4)]).T
    system[:4, 4] = still
    return np.array([expm(system * t)[:4, 4] for t in times]).T


def follower(times: np.ndarray, step: float, GBW: float, slew_rate: float) -> np.ndarray:
    """A follower's output after a step at 0: at the slew rate until w times what is left is less, then exponential."""
    w = 2 * np.pi * GBW
    left = slew_rate / w
    until = max(step - left, 0.0) / slew_rate
    first = step - slew_rate * until
    return np.where(times < until, slew_rate * times, step - first * np.exp(-w * np.maximum(times - until, 0.0)))
