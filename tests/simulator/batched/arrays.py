"""Arrays to run, and what the reference says of them."""

import numpy as np

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import ChuaYang, MCellNN
from cellnn.circuits.template import Template
from cellnn.simulator.problem import Problem

from ... import reference

BOUNDARIES = {"zero-flux": "zero-flux", "periodic": "periodic", "fixed": {"fixed": -0.7}, "grounded": {"fixed": 0}}


def problem(channels, rows, columns, samples=1, kernel=(3, 3), boundary="zero-flux", own=None, dense=True, **cell):
    """A plain array with random weights, inputs and starts; V1 and more by name."""
    rng = np.random.default_rng(channels * 1000 + rows * 100 + columns)
    A = rng.normal(size=(channels, channels, *kernel)) * 1.5 / np.sqrt(channels * np.prod(kernel))
    if not dense:
        A = A * np.eye(channels)[:, :, None, None]
    B, z = rng.normal(size=(channels, 2, 3, 3)) * 0.3, rng.normal(size=channels) * 0.2
    template = Template.of(A, B, z, channels, 2)
    v0 = rng.uniform(-1, 1, (channels, rows, columns))
    place = Boundary.parse(BOUNDARIES[boundary])
    array = CellArray("layer", ChuaYang(**cell), template, place, rows, columns, v0, None, own)
    return Problem(array, rng.uniform(-1, 1, (samples, 2, rows, columns)))


def memristive(samples=2, V1=0.45, own=None):
    """A TaOx array whose memristors switch."""
    rng = np.random.default_rng(3)
    template = Template.of(rng.normal(size=(2, 2, 3, 3)) * 0.1, rng.normal(size=(2, 1, 3, 3)) * 0.1, [1.1, -1.3], 2, 1)
    v0, x0 = rng.uniform(-1, 1, (2, 4, 5)), rng.uniform(0.1, 0.3, (2, 4, 5))
    array = CellArray("layer", MCellNN(V1=V1, R=20.0, C=5e-8), template, Boundary("periodic"), 4, 5, v0, x0, own)
    return Problem(array, rng.uniform(-1, 1, (samples, 1, 4, 5)))


def truth(given, times, sample=0, **options):
    """The reference's trajectory of one sample."""
    array = given.array
    place, t, cell = array.boundary, array.template, array.cell
    boundary = ("fixed", place.value) if place.kind == "fixed" else place.kind
    if "x" in cell.states:
        options |= {"memristor": reference.TAOX, "x0": array.x0, "method": "LSODA"}
    return reference.simulate(
        t.A, t.B, t.z, given.u[sample], array.initial, times, boundary=boundary, R=cell.R, C=cell.C, V1=cell.V1,
        leak=cell.stage.leak, **options,
    )  # fmt: skip
