"""Explicit Euler at full speed: cell-steps per second with a 3x3 template full of weights (HLF3), through the whole
product, against a kernel in two passes as one first writes it in numba, and against the package celnn.

A step's time is the difference of two runs of different length: loading, the first step and the result cancel. At
2048x2048 the arrays no longer fit into a core's cache; how much dearer a cell becomes there is the question's second
half. The TaOx rows are in double precision: a memristor in every cell, five exponentials a step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate

import cellnn
from cellnn.circuits.library import read_template
from cellnn.devices.registry import make_memristor

from .. import roofline
from ..measure import alternate_steps, circumstances, write_results
from . import two_passes

HALFTONE = read_template("HLF3")
A, B = np.array(HALFTONE.A), np.array(HALFTONE.B)
H, RC, C, V1 = 0.01, 1e-6, 1e-9, 0.1
"""The step in time constants; s; F; V (of the TaOx array)."""
X0 = 0.1
ROUNDS = 5
LENGTHS = {256: (1000, 6000), 2048: (20, 100)}
RIVAL_LENGTHS = {256: (500, 3000), 2048: (10, 50)}
CELNN_LENGTHS = {256: (20, 120), 2048: (1, 4)}
TAOX_LENGTHS, TAOX_RIVAL_LENGTHS = (200, 1200), (20, 120)

Steps = Callable[[int], NDArray[np.floating]]
"""Takes that many steps from the start, and returns the state v (rows, columns)."""


def picture(size: int) -> NDArray[np.float64]:
    """What the arrays start from, and their input."""
    return np.random.default_rng(0).uniform(-1, 1, (size, size))


def ours(size: int, cell: dict[str, Any], precision: str) -> Steps:
    """By the project; circuits are loaded before the clock starts."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": size, "columns": size},
        "cell": cell,
        "layers": [{"template": "HLF3"}],
        "input": picture(size),
        "initial": "input",
    }
    circuits: dict[int, cellnn.Circuit] = {}

    def take(steps: int) -> NDArray[np.floating]:
        return cellnn.simulate(circuits[steps], precision=precision)["layer1"]["state"].values[-1].reshape(size, size)

    def loading(steps: int) -> NDArray[np.floating]:
        if steps not in circuits:
            run = {"stop": steps * H * RC, "method": "euler", "step": H * RC, "save": 2}
            circuits[steps] = cellnn.load({**spec, "run": run})
            take(steps)
        return take(steps)

    return loading


def numba_plain(size: int) -> Steps:
    """The kernel in two passes, in single precision."""
    start = picture(size).astype(np.float32)
    feed = correlate(start, B.astype(np.float32), mode="nearest")
    weights, buffer = A.astype(np.float32), two_passes.padded(start)

    def take(steps: int) -> NDArray[np.floating]:
        v = start.copy()
        two_passes.plain(v, feed, weights, np.float32(H), steps, buffer)
        return v

    return take


def numba_taox(size: int) -> Steps:
    """The kernel in two passes with memristors, in double precision."""
    start = picture(size) * V1
    feed, buffer = correlate(start, B, mode="nearest"), two_passes.padded(start)
    memristor = make_memristor("strachan-taox", {})
    names = ("Gm", "a", "b", "A", "s_off", "x_off", "beta", "B", "s_on", "x_on", "s_p")
    parameters = tuple(getattr(memristor, name) for name in names)

    def take(steps: int) -> NDArray[np.floating]:
        v, x = start.copy(), np.full_like(start, X0)
        two_passes.taox(v, x, feed, A, V1, RC, C, H * RC, steps, buffer, parameters)
        return v

    return take


def celnn_plain(size: int) -> Steps:
    """The package celnn in single precision."""
    from celnn import CellularNetwork, SimulationConfig

    start = picture(size).astype(np.float32)
    network = CellularNetwork(
        input=start, initial_state=start, feedback=A, control=B, bias=0.0, boundary="nearest", dtype=np.float32
    )
    return lambda steps: np.asarray(network.run(SimulationConfig(t_end=steps * H, dt=H)).state)


def checked(own: Steps, rival: Steps, steps: int, tolerance: float) -> float:
    """The largest difference after that many steps: both must take the same ones."""
    mine, theirs = own(steps), rival(steps)
    difference = float(np.abs(mine - theirs).max() / np.ptp(theirs))
    if not difference < tolerance:
        raise ArithmeticError(f"after {steps} steps the two differ by {difference:.1e} of the range")
    return difference


def plain_rows(size: int, rows: list[dict[str, Any]], notes: list[str]) -> float:
    """The plain array against both rivals; returns the project's rate in cell-steps/s."""
    own, two = ours(size, {"circuit": "chua-yang"}, "single"), numba_plain(size)
    case = f"plain, {size}x{size}, single precision"
    difference = checked(own, two, 100, 1e-4)
    timing = alternate_steps(own, two, LENGTHS[size], RIVAL_LENGTHS[size], size * size, ROUNDS)
    rows.append({"case": case, "rival": "two passes in numba", "largest_difference": difference, **timing})
    try:
        package = celnn_plain(size)
        difference = checked(own, package, 100 if size < 1000 else 10, 1e-4)
        slower = alternate_steps(own, package, LENGTHS[size], CELNN_LENGTHS[size], size * size, 3)
        rows.append({"case": case, "rival": "celnn", "largest_difference": difference, **slower})
    except ImportError:
        notes.append("The package celnn was missing: pip install '.[bench]'.")
    return timing["cellnn_rate"] * 1e9


def main() -> None:
    """The rates, and beside them what the machine could do."""
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    limits = roofline.machine()
    small, large = (plain_rows(size, rows, notes) for size in (256, 2048))
    cell = {"circuit": "m-cellnn", "voltage_unit": V1, "memristor": {"model": "strachan-taox", "x0": X0}}
    own, two = ours(256, cell, "double"), numba_taox(256)
    difference = checked(own, two, 100, 1e-9)
    timing = alternate_steps(own, two, TAOX_LENGTHS, TAOX_RIVAL_LENGTHS, 256 * 256, ROUNDS)
    row = {"case": "TaOx, 256x256, double precision", "rival": "two passes in numba, libm's exp"}
    rows.append({**row, "largest_difference": difference, **timing})
    notes += [
        f"A cell-step at 2048x2048 costs {small / large:.2f} times one at 256x256.",
        roofline.note("Euler, plain, single", small, limits),
        roofline.note("Euler, TaOx, double", timing["cellnn_rate"] * 1e9, limits),
        f"Both sides end in the same state, to {max(row['largest_difference'] for row in rows):.1e} of the range.",
    ]
    content = {"question": "explicit Euler", "rows": rows, "cost_2048_over_256": small / large, "notes": notes}
    write_results(Path(__file__).parent, {**content, "roofline": limits, **circumstances("celnn")})


if __name__ == "__main__":
    main()
