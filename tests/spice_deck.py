"""A deck written by hand from the paper's equations: a one-channel TaOx M-CellNN array under zero-flux.

It shares nothing with the simulator, which makes it a witness; the tests and the benchmarks use it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


def taox_deck(
    A: np.ndarray,
    B: np.ndarray,
    z: float,
    u: np.ndarray,
    v0: np.ndarray,
    x0: np.ndarray,
    *,
    V1: float,
    area: float,
    stop: float,
    points: int,
    out: Path,
    R: float = 1e3,
    C: float = 1e-9,
    options: str = "reltol=1e-6 abstol=1e-13 vntol=1e-9 method=gear",
) -> str:
    """Capacitor, resistor, memristor and controlled sources for every cell; u in units of V1, v0 in V. `wrdata` leaves
    time, all v, all x in `out`."""
    rows, columns = u.shape
    step = stop / points

    def at(i: int, j: int) -> tuple[int, int]:
        return min(max(i, 0), rows - 1), min(max(j, 0), columns - 1)

    lines = ["a TaOx M-CellNN array", f".options {options}"]
    for i in range(rows):
        for j in range(columns):
            n = f"{i}_{j}"
            v, x = f"v(v{n})", f"min(max(v(x{n}),0),1)"
            terms, bias = ["0"], z * V1
            for k in range(3):
                for m in range(3):
                    p, q = at(i + k - 1, j + m - 1)
                    if A[k, m] != 0:
                        terms.append(f"({A[k, m]})*v(y{p}_{q})")
                    bias += B[k, m] * u[p, q] * V1
            current = f"({area}*{v}*(0.025*{x}+7.2e-6*exp(4.7*sqrt(abs({v})))*(1-{x})))"
            power = f"({current}*{v}/{area})"
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
    saved = " ".join(f"v({s}{i}_{j})" for s in "vx" for i in range(rows) for j in range(columns))
    lines += [
        f".tran {step} {stop} 0 {step} uic",
        f".save {saved}",
        ".control",
        "run",
        "set wr_singlescale",
        f"wrdata {out} {saved}",
        "quit",
        ".endc",
    ]
    return "\n".join([*lines, ".end", ""])
