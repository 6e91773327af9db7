"""Noisy arrays to test with, built without a spec."""

import re

import numpy as np

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.spec.models import RunSpec
from cellnn.circuits.template import Template
from cellnn.simulator.noise import cell_code
from cellnn.simulator.problem import Problem

KELVIN = 300.0
KT = 1.380649e-23 * KELVIN


def problem(
    cell, A=0.0, *, size=(64, 64), samples=1, initial=0.0, x0=0.1, boundary="zero-flux", B=0.0, u=0.0, own=None
):
    """One plane of cells, fed back by A, under an input u that broadcasts to (samples, 1, rows, columns)."""
    template = Template.of(A=A, B=B, z=0.0, channels=1, input_channels=1)
    array = CellArray("array", cell, template, Boundary.parse(boundary), *size, initial, x0, own)
    return Problem(array, np.array(np.broadcast_to(u, (samples, 1, *size)), float))


def heun(stop, save=2, step=None):
    return RunSpec(stop=stop, method="heun", save=save, step=step)


def without(monkeypatch, *functions):
    """Cells whose generated functions of these names return 0."""
    build = cell_code._functions

    def cut(cell, own):
        text = build(cell, own)
        for name in functions:
            text, found = re.subn(rf"(def {name}\(.*?\n    return )[^\n]*", r"\g<1>0.0", text, flags=re.DOTALL)
            assert found == 1
        return text

    monkeypatch.setattr(cell_code, "remembered_source", lambda key, make: make())
    monkeypatch.setattr(cell_code, "_functions", cut)
