"""Decks written by hand, and programs that pretend to be ngspice."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path

import numpy as np

from ..spice_deck import taox_deck

STOP = 1e-5
REAL = shutil.which("ngspice")
assert REAL, "ngspice is missing: run tools/ensure-ngspice"


def deck(*lines: str, tran: str = ".tran 1e-8 1e-5 0 1e-8 uic") -> str:
    """A deck of these elements."""
    return "\n".join(["a deck", *lines, tran, ".end", ""])


def rc(R: float = 1e3, C: float = 1e-9) -> str:
    """A capacitor charged to 1 V; the node is v_0_0_0_0."""
    return deck(
        "V1 in 0 1",
        f"R1 in v_0_0_0_0 {R!r}",
        f"C1 v_0_0_0_0 0 {C!r} ic=0",
        ".options reltol=1e-6 abstol=1e-12 vntol=1e-9",
    )


SLOW = deck("C1 a 0 1n ic=1", "R1 a 0 1k", ".save v(a)", tran=".tran 1e-14 1e-5 0 1e-14 uic")
"""Steps for half an hour, and more points than fit into memory."""


def ladder(cells: int) -> str:
    """A chain of RC cells with nodes n0, n1, ..."""
    rungs = [f"R{k} n{k} n{k + 1} 1k\nC{k} n{k + 1} 0 1p ic=0" for k in range(cells)]
    return deck("V1 n0 0 1", *rungs, tran=".tran 5e-9 1e-6 0 5e-9 uic")


def bistable(cells: int = 4) -> str:
    """Bistable cells in a ring, each against its neighbour; without `uic` ngspice looks for a point of rest."""
    lines = []
    for k in range(cells):
        lines += [f"C{k} v{k} 0 1n", f"R{k} v{k} 0 1k", f"By{k} y{k} 0 v=min(max(v(v{k}),-1),1)"]
        lines += [f"Bd{k} 0 v{k} i=(2*v(y{k})-v(y{(k + 1) % cells})+{0.1 * (k - 1)})/1k"]
    return deck(*lines, tran=".tran 1e-8 1e-5")


def taox(seed: int = 3) -> str:
    """A 3x4 TaOx array whose cells switch; nodes v0_0, x0_0, ..."""
    rng = np.random.default_rng(seed)
    shape, V1 = (3, 4), 0.35
    A = np.array([[0.1, 0.2, -0.1], [0.3, 1.5, -0.4], [0.0, -0.2, 0.25]])
    B = np.array([[0.0, -0.5, 0.0], [0.4, 1.8, -0.3], [0.0, 0.6, 0.1]])
    u, v0, x0 = rng.uniform(-1, 1, shape), V1 * rng.uniform(-1, 1, shape), rng.uniform(0.05, 0.3, shape)
    text = taox_deck(A, B, -0.3, u, v0, x0, V1=V1, area=0.1, stop=4e-6, points=200, out=Path("unused"))
    return text.split(".control")[0] + ".end\n"


def program(path: Path, body: str) -> Path:
    """A Python program that stands for ngspice; REAL is the true one, RAW where the raw file belongs."""
    head = f"""\
        #!{sys.executable}
        import os, signal, subprocess, sys, time
        REAL = {REAL!r}
        RAW = sys.argv[sys.argv.index("-r") + 1] if "-r" in sys.argv else ""
        def run():
            subprocess.run([REAL, *sys.argv[1:]], check=True)
    """
    path.write_text(textwrap.dedent(head) + textwrap.dedent(body))
    path.chmod(0o755)
    return path
