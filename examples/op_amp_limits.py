"""How far arrays of op-amps are from ideal ones: docs/images/op-amp-ideal.png.

python examples/op_amp_limits.py

A random 6 x 6 array runs in the op-amp circuit and in the ideal one (chua-yang; with memristors, m-cellnn), and the
largest distance of their states at any time is drawn over GBW and over A0, all other limits far away.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import cellnn

FAR = {"A0": 1e12, "GBW": 1e13, "slew_rate": 1e17}
VOLTAGE_UNIT = {"chua-yang": 1.0, "m-cellnn": 0.3}
C, R = 100e-9, 1e3


def spec(ideal: str, op_amp: dict[str, float] | None = None, seed: int = 0) -> dict[str, Any]:
    """The array in the circuit `ideal`, chua-yang or m-cellnn, or as op-amps with these limits."""
    rng = np.random.default_rng(seed)
    A, B = rng.uniform(-0.3, 0.3, (3, 3)), rng.uniform(-1, 1, (3, 3))
    A[1, 1] += 1.5
    picture, start, x0 = rng.uniform(-1, 1, (6, 6)), rng.uniform(-1, 1, (6, 6)), rng.uniform(0.05, 0.3, (6, 6))
    cell: dict[str, Any] = {"circuit": ideal, "C": C, "R": R, "voltage_unit": VOLTAGE_UNIT[ideal]}
    if ideal == "m-cellnn":
        cell["memristor"] = {"model": "strachan-taox", "x0": x0, "area": 0.1}
    if op_amp is not None:
        cell |= {"circuit": "op-amp", "op_amp": op_amp}
    return {
        "cellnn": 1,
        "grid": {"rows": 6, "columns": 6},
        "cell": cell,
        "layers": [{"template": {"A": A, "B": B, "z": -0.2}}],
        "input": picture,
        "initial": start,
        "run": {"stop": "1ms", "rtol": 1e-9, "atol": 1e-11},
    }


def states(description: dict[str, Any]) -> np.ndarray:
    """v [V] (times, 1, 6, 6)."""
    return cellnn.simulate(cellnn.load(description))["layer1"]["state"].values


def distances(ideal: str, limit: str, values: Sequence[float], seed: int = 0) -> np.ndarray:
    """max |v - v_ideal| [V] over cells and times, for each value of `A0` or `GBW`."""
    expected = states(spec(ideal, seed=seed))
    found = [states(spec(ideal, FAR | {limit: value}, seed)) for value in values]
    return np.array([np.abs(v - expected).max() for v in found])


def draw(target: Path) -> None:
    """The figure."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from cellnn.plots.style import GREY, LARGE, LINES, NORMAL, plain_axes

    figure, axes = plt.subplots(1, 2, figsize=(7.6, 3.4), sharey=True, layout="constrained")
    panels = [
        ("GBW", np.logspace(5, 10, 21), "gain-bandwidth product GBW [Hz]", "finite bandwidth, A0 = 1e12", 3e6),
        ("A0", np.logspace(1, 7, 25), "open-loop gain A0", "finite gain, GBW = 1e13 Hz", 2e5),
    ]
    for panel, (limit, values, label, title, usual) in zip(axes, panels, strict=True):
        panel.axvline(usual, color=GREY, linewidth=0.8, linestyle=":")
        for colour, (ideal, unit) in zip(LINES[1:], VOLTAGE_UNIT.items(), strict=False):
            found = distances(ideal, limit, values)
            name = f"against {ideal}, V1 = {unit:g} V"
            panel.loglog(values, found, "o", color=colour, markersize=3.5, label=name)
            middle = np.searchsorted(values, 1e8 if limit == "GBW" else 1e6)
            panel.loglog(values, found[middle] * values[middle] / values, "-", color=colour, linewidth=0.8)
        panel.set_title(title, fontsize=LARGE)
        plain_axes(panel, label, "")
        panel.set_ylim(3e-6, 20)
        panel.annotate("TL08x", (usual, 4.5e-6), fontsize=NORMAL, color=GREY, xytext=(3, 0), textcoords="offset points")
    axes[0].set_ylabel("largest distance of states, max |v - v$_{ideal}$| [V]", fontsize=NORMAL)
    axes[1].plot([], [], "-", color="black", linewidth=0.8, label="slope -1")
    axes[1].legend(fontsize=NORMAL, framealpha=1.0, edgecolor="white", loc="upper right")
    figure.savefig(target, dpi=150)


if __name__ == "__main__":
    picture = Path(__file__).parents[1] / "docs" / "images" / "op-amp-ideal.png"
    draw(picture)
    print(picture)
