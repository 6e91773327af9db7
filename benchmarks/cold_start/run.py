"""The wait before the first result: whole processes, `python -c "import cellnn; ..."`, from start to end.

Three states of the caches: nothing compiled yet, as on the day of the installation; everything of the project compiled
but not this circuit's equations; and the same circuit again in a new process. The rival is a bar: 20 s for a circuit's
first run, 2 s for later ones.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..measure import circumstances, seconds, write_results

FIRST_BAR, LATER_BAR = 20.0, 2.0
ROUNDS, LATER_ROUNDS = 2, 5
CELLS = {
    "plain": {"circuit": "chua-yang"},
    "TaOx": {"circuit": "m-cellnn", "voltage_unit": 0.1, "memristor": {"model": "strachan-taox"}},
}
CODE = "import cellnn; cellnn.simulate(cellnn.load({spec!r}))"


def spec(cell: dict[str, Any]) -> dict[str, Any]:
    """An array of 28x28 cells that finds edges."""
    return {
        "cellnn": 1,
        "grid": {"rows": 28, "columns": 28},
        "cell": cell,
        "layers": [{"template": "EDGE"}],
        "input": 0.5,
        "run": {"stop": 1e-5},
    }


def process(cell: dict[str, Any], **folders: str) -> float:
    """Seconds of a whole process that simulates the circuit with these cache folders."""
    command = [sys.executable, "-c", CODE.format(spec=spec(cell))]
    with tempfile.TemporaryDirectory() as elsewhere:
        return seconds(lambda: subprocess.run(command, cwd=elsewhere, env={**os.environ, **folders}, check=True))


def starts(cell: dict[str, Any]) -> dict[str, list[float]]:
    """Seconds of processes in each state of the caches.

    numba keeps what it compiled beside the source: the project's own functions beside its own, generated ones in
    the project's cache folder. NUMBA_CACHE_DIR moves both.
    """
    found: dict[str, list[float]] = {"installation": [], "circuit": [], "later": []}
    with tempfile.TemporaryDirectory() as compiled, tempfile.TemporaryDirectory() as own:
        found["installation"].append(process(cell, NUMBA_CACHE_DIR=compiled, CELLNN_CACHE_DIR=own))
    process(cell)
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as own:
            found["circuit"].append(process(cell, CELLNN_CACHE_DIR=own))
            again = LATER_ROUNDS if len(found["circuit"]) == ROUNDS else 0
            found["later"] += [process(cell, CELLNN_CACHE_DIR=own) for _ in range(again)]
    return found


def row(case: str, found: list[float], bar: float) -> dict[str, Any]:
    """A row whose rival is a bar."""
    ratios = {"ratio": bar / statistics.median(found), "ratio_min": bar / max(found), "ratio_max": bar / min(found)}
    return {"case": case, "rival": "bar", "cellnn_s": statistics.median(found), "rival_s": bar, **ratios}


def main() -> None:
    """Both cells."""
    rows = []
    for name, cell in CELLS.items():
        found = starts(cell)
        rows += [
            row(f"{name}, first run after installation", found["installation"], FIRST_BAR),
            row(f"{name}, first run of the circuit", found["circuit"], FIRST_BAR),
            row(f"{name}, a later process", found["later"], LATER_BAR),
        ]
    bare = statistics.median(
        seconds(lambda: subprocess.run([sys.executable, "-c", "import numba, xarray"], check=True)) for _ in range(3)
    )
    notes = [
        f"A process that only imports numba and xarray takes {bare:.2g} s here: no later process can start in less."
    ]
    content = {"question": "cold start, 28x28", "rows": rows, "notes": notes}
    write_results(Path(__file__).parent, {**content, **circumstances("xarray")})


if __name__ == "__main__":
    main()
