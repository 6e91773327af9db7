"""How the template tests run a template: the one place that knows what integrates."""

from __future__ import annotations

from typing import Any

import numpy as np
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.library import read_template
from cellnn.circuits.template import Template

from ..reference import simulate

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
    numbers = {key: weights.get(key, getattr(published, key)) for key in ("A", "B", "z")}
    template = Template.of(**numbers, channels=1, input_channels=1)
    edge = Boundary.parse(published.setting["boundary"] if boundary is None else boundary)
    if duration is None:
        duration = published.suggested_duration(rows, columns)
    result = simulate(
        template.A,
        template.B,
        template.z,
        np.broadcast_to(u, (1, rows, columns)),
        np.broadcast_to(x0, (1, rows, columns)),
        np.array([0, duration * TAU]),
        boundary=("fixed", edge.value) if edge.kind == "fixed" else edge.kind,
        R=1e3,
        C=1e-9,
        rtol=1e-6,
        atol=1e-8,
    )
    return result.output[-1, 0]


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
