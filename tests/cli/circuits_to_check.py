"""A spec of every kind of circuit that a deck can hold, small enough for ngspice."""

from __future__ import annotations

from typing import Any

import numpy as np


def picture(rows: int, columns: int, seed: int) -> list[list[float]]:
    """Black and white pixels."""
    return np.where(np.random.default_rng(seed).random((rows, columns)) < 0.5, -1.0, 1.0).tolist()


def _spec(cell: dict[str, Any], rows: int, columns: int, stop: str, *layers: str) -> dict[str, Any]:
    return {
        "cellnn": 1,
        "name": "a circuit to check",
        "grid": {"rows": rows, "columns": columns},
        "cell": {"C": "1nF", "R": "1kOhm", **cell},
        "layers": [{"name": f"layer{k}", "template": template} for k, template in enumerate(layers)],
        "input": picture(rows, columns, 1),
        "run": {"stop": stop, "save": 21},
    }


CIRCUITS: dict[str, dict[str, Any]] = {
    "plain": _spec({"circuit": "chua-yang"}, 8, 8, "10us", "EDGE"),
    "two-layers": _spec({"circuit": "chua-yang"}, 4, 5, "10us", "EDGE", "EDGE"),
    "taox": _spec(
        {"circuit": "m-cellnn", "voltage_unit": "0.2V", "memristor": {"model": "strachan-taox", "area": 0.1}},
        3, 4, "10us", "EDGE",
    ),
    "op-amp": _spec({"circuit": "op-amp"}, 3, 3, "50us", "EDGE"),
}  # fmt: skip
