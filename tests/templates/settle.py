"""How the template tests run a template: the one place that knows what integrates."""

from __future__ import annotations

from typing import Any

import numpy as np

import cellnn
from cellnn.circuits.library import read_template

TAU = 1e-6
"""RC of the arrays here [s]."""


def settle(
    name: str,
    u: Any = 0.0,
    x0: Any = 0.0,
    boundary: Any = None,
    duration: float | None = None,
    **weights: Any,
) -> np.ndarray:
    """The normalised output after `duration` time constants, from the input u and the start x0.

    Each is a picture or a number; boundary and duration default to the published ones, and B and z can be overridden.
    """
    published = read_template(name)
    rows, columns = next(np.shape(given) for given in (u, x0) if np.ndim(given))
    weights = {key: weights.get(key, getattr(published, key)) for key in ("A", "B", "z")}
    if duration is None:
        duration = published.suggested_duration(rows, columns)
    spec = {
        "cellnn": 1,
        "grid": {
            "rows": rows,
            "columns": columns,
            "boundary": published.setting["boundary"] if boundary is None else boundary,
        },
        "cell": {"circuit": "chua-yang"},
        "layers": [{"template": weights}],
        "input": np.broadcast_to(u, (rows, columns)).astype(float),
        "initial": np.broadcast_to(x0, (rows, columns)).astype(float),
        "run": {"stop": duration * TAU, "rtol": 1e-6, "atol": 1e-8, "save": 2},
    }
    return cellnn.simulate(cellnn.load(spec))["layer1"]["output"].values[-1, 0]


def run(name: str, boundary: Any = None, duration: float | None = None, **pictures: Any) -> np.ndarray:
    """The output in the published setting; the pictures go by the setting's words (`picture`, `mask`, ...)."""
    setting = read_template(name).setting
    u, x0 = (given if not isinstance(given, str) else pictures[given.replace(" ", "_")]
             for given in (setting["input"], setting["initial"]))  # fmt: skip
    return settle(name, grey(u), grey(x0), boundary, duration)


def grey(picture: Any) -> Any:
    """A boolean picture as the array takes it: black (True) is +1, white -1."""
    picture = np.asarray(picture)
    return np.where(picture, 1.0, -1.0) if picture.dtype == bool else picture


def black(output: np.ndarray, saturated: bool = True) -> np.ndarray:
    """Where a binary output is black; there must be nothing between black and white."""
    undecided = np.abs(output) < (1 - 1e-3 if saturated else 0.5)
    assert not undecided.any(), f"neither black nor white: {output[undecided]}"
    return output > 0
