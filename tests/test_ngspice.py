"""A TaOx array against ngspice, through a deck written by hand from the paper's equations."""

import shutil
import subprocess

import numpy as np
import pytest

import cellnn

from .spice_deck import taox_deck

ROWS, COLUMNS, V1, AREA = 3, 4, 0.35, 0.1
A = np.array([[0.1, 0.2, -0.1], [0.3, 1.5, -0.4], [0.0, -0.2, 0.25]])
B = np.array([[0.0, -0.5, 0.0], [0.4, 1.8, -0.3], [0.0, 0.6, 0.1]])
Z = -0.3


def test_a_taox_array_agrees_with_ngspice(tmp_path):
    assert shutil.which("ngspice"), "ngspice is missing: run tools/ensure-ngspice"
    rng = np.random.default_rng(3)
    u = rng.uniform(-1, 1, (ROWS, COLUMNS))
    v0 = V1 * rng.uniform(-1, 1, (ROWS, COLUMNS))
    x0 = rng.uniform(0.05, 0.3, (ROWS, COLUMNS))
    deck = taox_deck(A, B, Z, u, v0, x0, V1=V1, area=AREA, stop=4e-6, points=800, out=tmp_path / "waves.txt")
    (tmp_path / "deck.cir").write_text(deck)
    subprocess.run(["ngspice", "-b", "deck.cir"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    waves = np.loadtxt(tmp_path / "waves.txt")
    assert waves[-1, 0] == pytest.approx(4e-6)
    spec = {
        "cellnn": 1,
        "grid": {"rows": ROWS, "columns": COLUMNS},
        "cell": {
            "circuit": "m-cellnn",
            "voltage_unit": V1,
            "memristor": {"model": "strachan-taox", "x0": x0, "area": AREA},
        },
        "layers": [{"template": {"A": A, "B": B, "z": Z}}],
        "input": u,
        "initial": v0 / V1,
        "run": {"stop": "4us", "rtol": 1e-7, "save": 81},
    }
    layer = cellnn.simulate(cellnn.load(spec))["layer1"]
    for variable, columns in (("state", slice(1, 13)), ("memristor", slice(13, 25))):
        ours = layer[variable].values.reshape(81, -1)
        theirs = np.stack([np.interp(layer["time"], waves[:, 0], wave) for wave in waves[:, columns].T], axis=1)
        assert np.abs(ours - theirs).max() < 1e-3 * np.ptp(ours)
    moved = layer["memristor"].values[-1] - layer["memristor"].values[0]
    assert moved.max() > 0.2 and moved.min() < -0.1  # SET and RESET both happen
