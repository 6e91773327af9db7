"""A plain 256x256 array: against SciPy's vode (PyCNN's method) at the same tolerance, and against the
package celnn at the longest of its Euler steps that is about as accurate."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from scipy.integrate import ode
from scipy.ndimage import correlate

import cellnn
from cellnn.circuits.library import read_template

from ..measure import alternate, circumstances, write_results

SIZE, STOP, TOLERANCE = 256, 10.0, 1e-4
"""Cells along an edge; time constants; rtol and atol in units of V1."""
HALFTONE = read_template("HLF3")
A, B, Z = np.array(HALFTONE.A), np.array(HALFTONE.B), HALFTONE.z
PICTURE = np.random.default_rng(0).uniform(-1, 1, (SIZE, SIZE))


def circuit(stop: float = STOP, tolerance: float = TOLERANCE) -> cellnn.Circuit:
    """The circuit, loaded: like the rivals' arrays it lies in memory before the clock starts."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": SIZE, "columns": SIZE},
        "cell": {"circuit": "chua-yang"},
        "layers": [{"template": "HLF3"}],
        "input": PICTURE,
        "initial": "input",
        "run": {"stop": stop * 1e-6, "rtol": tolerance, "atol": tolerance, "save": 2},
    }
    return cellnn.load(spec)


def ours(loaded: cellnn.Circuit, precision: Literal["double", "single"] = "double") -> np.ndarray:
    """The final state, by the project."""
    return cellnn.simulate(loaded, precision=precision)["layer1"]["state"].values[-1, 0]


def vode(stop: float = STOP) -> np.ndarray:
    """By SciPy's vode, the right-hand side in SciPy's ndimage."""
    drive = correlate(PICTURE, B, mode="nearest") + Z

    def rates(t: float, flat: np.ndarray) -> np.ndarray:
        v = flat.reshape(SIZE, SIZE)
        return (drive - v + correlate(np.clip(v, -1, 1), A, mode="nearest")).ravel()

    solver = ode(rates).set_integrator("vode", rtol=TOLERANCE, atol=TOLERANCE)
    return solver.set_initial_value(PICTURE.ravel(), 0.0).integrate(stop).reshape(SIZE, SIZE)


def celnn_euler(dt: float, stop: float = STOP) -> np.ndarray:
    """By celnn's explicit Euler, its default solver."""
    from celnn import CellularNetwork, SimulationConfig

    network = CellularNetwork(
        input=PICTURE, initial_state=PICTURE, feedback=A, control=B, bias=Z, boundary="nearest"
    )  # fmt: skip
    return np.asarray(network.run(SimulationConfig(t_end=stop, dt=dt)).state)


def main() -> None:
    """Compare accuracy in mid-transient, then time."""
    truth, loaded = ours(circuit(1.0, 1e-10)), circuit()

    def error(state: np.ndarray) -> float:
        return float(np.abs(state - truth).max() / np.ptp(truth))

    errors = {
        "cellnn": error(ours(circuit(1.0))),
        "cellnn in single precision": error(ours(circuit(1.0), "single")),
        "vode": error(vode(1.0)),
    }
    rows = [
        {"rival": "SciPy vode (PyCNN's method)", **alternate(lambda: ours(loaded), vode, 7)},
        {"rival": "SciPy vode, us in single", **alternate(lambda: ours(loaded, "single"), vode, 7)},
    ]
    try:
        # the longest of these steps that is as accurate as the tolerance asks, or the shortest
        for dt in (0.1, 0.03, 0.01, 0.003, 0.001):
            errors["celnn"] = error(celnn_euler(dt, 1.0))
            if errors["celnn"] < 10 * TOLERANCE:
                break
        rival = f"celnn, Euler of {dt:g} RC"
        rows.append({"rival": rival, **alternate(lambda: ours(loaded), lambda: celnn_euler(dt), 5)})
        in_single = alternate(lambda: ours(loaded, "single"), lambda: celnn_euler(dt), 5)
        rows.append({"rival": f"{rival}, us in single", **in_single})
    except ImportError:
        print("celnn is missing: pip install '.[bench]'")
    write_results(
        Path(__file__).parent,
        {
            "question": f"plain CellNN, {SIZE}x{SIZE}, halftoning (HLF3), {STOP:g} RC, rtol {TOLERANCE:g}",
            "rows": rows,
            "errors_at_1_RC": errors,
            "notes": [
                "Largest error at 1 RC, as a share of the range: "
                + ", ".join(f"{who} {value:.1e}" for who, value in errors.items())
                + "."
            ],
            **circumstances("scipy", "celnn"),
        },
    )


if __name__ == "__main__":
    main()
