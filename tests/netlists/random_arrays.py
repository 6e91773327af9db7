"""Random arrays for the comparison with ngspice: couplings that move every cell, memristors that switch."""

from __future__ import annotations

from typing import Any

import numpy as np

VOLTAGE_UNIT = {"strachan-taox": 0.3, "mladenov-a9": 0.3}
"""V1 for memristors that switch at less than a volt."""
BOUNDARIES: list[Any] = ["zero-flux", "periodic", {"fixed": -0.5}]


def random_spec(
    seed: int, circuit: str, memristor: str | None = None, *, boundary: Any = "zero-flux", channels: int = 1,
    kernel: int = 3, size: tuple[int, int] | None = None, layers: int = 1, stop: float = 4.0,
) -> dict[str, Any]:  # fmt: skip
    """A spec; `stop` in time constants."""
    rng = np.random.default_rng(seed)
    n, m = size or (int(k) for k in rng.integers(3, 9, 2))
    cell: dict[str, Any] = {"circuit": circuit}
    if memristor:
        device = {"model": memristor, "x0": rng.uniform(0.05, 0.3, (channels, n, m)), "area": 0.1}
        cell |= {"voltage_unit": VOLTAGE_UNIT.get(memristor, 1.0), "memristor": device}
    tau = 1e-6
    if circuit == "op-amp":  # amplifiers of 3 MHz want a slow cell
        tau = 1e-4
        cell |= {"C": "100nF", "op_amp": {"output_resistance": 50}}
    A = rng.uniform(-0.9, 0.9, (channels, channels, kernel, kernel)) / kernel / channels
    A[range(channels), range(channels), kernel // 2, kernel // 2] += 1.5
    B = rng.uniform(-1, 1, (channels, channels, kernel, kernel)) / channels
    layer = {"channels": channels, "template": {"A": A, "B": B, "z": rng.uniform(-0.5, 0.5, channels)}}
    return {
        "cellnn": 1,
        "grid": {"rows": n, "columns": m, "boundary": boundary},
        "cell": cell,
        "layers": [layer] * layers,
        "input": rng.uniform(-1, 1, (channels, n, m)),
        "initial": rng.uniform(-1, 1, (channels, n, m)),
        "run": {"stop": stop * tau},
    }
