"""Small arrays as problems, and the runs they take."""

from types import SimpleNamespace

import numpy as np

import cellnn
from cellnn.simulator.problem import Problem

BOUNDARIES = ["zero-flux", "periodic", {"fixed": -0.5}]
AS_REFERENCE = {"zero-flux": "zero-flux", "periodic": "periodic", "fixed": ("fixed", -0.5)}


def problem(A=0.0, B=0.0, z=0.0, u=0.0, *, rows=3, columns=4, channels=1, boundary="zero-flux", V1=1.0, initial=0.0):
    """Plain cells, R C = 1 us; u (samples, channels, rows, columns), or what fills it."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": rows, "columns": columns, "boundary": boundary},
        "cell": {"circuit": "chua-yang", "voltage_unit": V1},
        "layers": [{"channels": channels, "template": {"A": A, "B": B, "z": z}}],
        "initial": initial,
        "run": {"stop": "1us"},
    }
    array = cellnn.load(spec).arrays[0]
    u = np.asarray(u, float)
    return Problem(array, np.broadcast_to(u, (u.shape or (1,))[:1] + (channels, rows, columns)))


def run(method="adaptive", stop=5e-6, save=11, rtol=1e-7, atol=1e-10, step=None, settle=None):
    """The section `run` of a spec."""
    return SimpleNamespace(method=method, stop=stop, save=save, rtol=rtol, atol=atol, step=step, settle=settle)
