"""A 32x32 TaOx array, 10 us, 260 points: against ngspice, at trajectories within 1e-3 of its own."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import cellnn
from tests.spice_deck import taox_deck

from ..measure import alternate, circumstances, write_results

SIZE, V1, STOP, POINTS = 32, 0.1, 1e-5, 260
EDGE = np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]])
CENTRE = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
PICTURE = np.random.default_rng(0).uniform(-1, 1, (SIZE, SIZE))


def circuit() -> cellnn.Circuit:
    """The circuit, loaded."""
    spec = {
        "cellnn": 1,
        "grid": {"rows": SIZE, "columns": SIZE},
        "cell": {"circuit": "m-cellnn", "voltage_unit": V1, "memristor": {"model": "strachan-taox"}},
        "layers": [{"template": "EDGE"}],
        "input": PICTURE,
        "run": {"stop": STOP, "rtol": 1e-3, "atol": 1e-4, "save": POINTS + 1},
    }
    return cellnn.load(spec)


def ours(loaded: cellnn.Circuit) -> np.ndarray:
    """The trajectories of the states (time, cells)."""
    return cellnn.simulate(loaded)["layer1"]["state"].values.reshape(POINTS + 1, -1)


def ngspice(folder: Path) -> None:
    """Run the deck in the folder."""
    subprocess.run(["ngspice", "-b", "deck.cir"], cwd=folder, check=True, capture_output=True)


def main() -> None:
    """Check agreement, then time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = np.zeros((SIZE, SIZE)), np.full((SIZE, SIZE), 0.1)
        settings = {"V1": V1, "area": 1.0, "stop": STOP, "points": POINTS, "out": folder / "waves.txt"}
        options = "method=gear"  # ngspice's own default tolerances: the cheapest run it offers
        (folder / "deck.cir").write_text(taox_deck(CENTRE, EDGE, -1.0, PICTURE, *start, options=options, **settings))
        loaded = circuit()
        timing = alternate(lambda: ours(loaded), lambda: ngspice(folder), 3)
        waves = np.loadtxt(folder / "waves.txt")
    times = np.linspace(0, STOP, POINTS + 1)
    theirs = np.stack([np.interp(times, waves[:, 0], wave) for wave in waves[:, 1 : SIZE * SIZE + 1].T], axis=1)
    difference = float(np.abs(ours(loaded) - theirs).max() / np.ptp(theirs))
    found = subprocess.run(["ngspice", "--version"], capture_output=True, text=True, check=True).stdout
    write_results(
        Path(__file__).parent,
        {
            "question": f"TaOx M-CellNN, {SIZE}x{SIZE}, edges, {STOP * 1e6:g} us, {POINTS} points",
            "rows": [{"rival": (re.search(r"ngspice-\S+", found) or ["ngspice"])[0], **timing}],
            "largest_difference": difference,
            "notes": [f"Largest difference of the two, over all cells and times: {difference:.1e} of the range."],
            **circumstances(),
        },
    )


if __name__ == "__main__":
    main()
