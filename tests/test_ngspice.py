"""A TaOx array against ngspice, through a deck written here by hand from the paper's equations."""

import shutil
import subprocess

import numpy as np
import pytest

import cellnn

ROWS, COLUMNS, V1, R, C, AREA = 3, 4, 0.35, 1e3, 1e-9, 0.1
A = np.array([[0.1, 0.2, -0.1], [0.3, 1.5, -0.4], [0.0, -0.2, 0.25]])
B = np.array([[0.0, -0.5, 0.0], [0.4, 1.8, -0.3], [0.0, 0.6, 0.1]])
Z = -0.3


def deck(u, v0, x0, out):
    """Capacitor, resistor, memristor and controlled sources for every cell; zero-flux boundary."""

    def at(i, j):
        return min(max(i, 0), ROWS - 1), min(max(j, 0), COLUMNS - 1)

    lines = ["a TaOx M-CellNN array", ".options reltol=1e-6 abstol=1e-13 vntol=1e-9 method=gear"]
    for i in range(ROWS):
        for j in range(COLUMNS):
            v, x, n = f"v(v{i}{j})", f"min(max(v(x{i}{j}),0),1)", f"{i}{j}"
            terms, bias = [], Z * V1
            for k in range(3):
                for m in range(3):
                    p, q = at(i + k - 1, j + m - 1)
                    terms.append(f"({A[k, m]})*v(y{p}{q})")
                    bias += B[k, m] * u[p, q] * V1
            current = f"({AREA}*{v}*(0.025*{x}+7.2e-6*exp(4.7*sqrt(abs({v})))*(1-{x})))"
            power = f"({current}*{v}/{AREA})"
            off = f"1e-10*sinh({v}/0.013)*exp(1/(1+500*{power})-(0.4/max({x},1e-3))^2)"
            on = f"1e-4*sinh({v}/0.45)*exp({power}/4e-5-({x}/0.06)^2)"
            lines += [
                f"C{n} v{n} 0 {C} ic={v0[i, j]}",
                f"R{n} v{n} 0 {R}",
                f"Bm{n} v{n} 0 i={current}",
                f"Bd{n} 0 v{n} i=({'+'.join(terms)}+({bias}))/{R}",
                f"By{n} y{n} 0 v=min(max({v},-{V1}),{V1})",
                f"Cx{n} x{n} 0 1 ic={x0[i, j]}",
                f"Rx{n} x{n} 0 1e12",
                f"Bx{n} 0 x{n} i={v}<0 ? {off} : {on}",
            ]
    saved = " ".join(f"v({s}{i}{j})" for s in "vx" for i in range(ROWS) for j in range(COLUMNS))
    lines += [".tran 5n 4u 0 5n uic", ".control", "run", "set wr_singlescale", f"wrdata {out} {saved}", "quit", ".endc"]
    return "\n".join([*lines, ".end", ""])


def test_a_taox_array_agrees_with_ngspice(tmp_path):
    assert shutil.which("ngspice"), "ngspice is missing: run tools/ensure-ngspice"
    rng = np.random.default_rng(3)
    u = rng.uniform(-1, 1, (ROWS, COLUMNS))
    v0 = V1 * rng.uniform(-1, 1, (ROWS, COLUMNS))
    x0 = rng.uniform(0.05, 0.3, (ROWS, COLUMNS))
    (tmp_path / "deck.cir").write_text(deck(u, v0, x0, tmp_path / "waves.txt"))
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
