"""A circuit as the text of a deck that stands alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from ..circuits.circuit import Circuit
from .analysis import Accuracy, save_lines, start_lines
from .cells import has
from .deck import build_netlist, one_sample, start_of
from .names import node
from .window import Window

MARK = "* cellnn-deck: "
"""Before what the netlist alone does not say, as JSON: names, sizes, the run. `read_deck` wants it."""


def export_deck(circuit: Circuit, *, sample: int | None = None, accuracy: Accuracy | None = None) -> str:
    """The deck: `ngspice -b DECK.cir` runs it, with nothing of ours installed.

    The tolerance is that of `run.rtol`, between 1e-7 and 1e-3, unless `accuracy` says another. Raises InputError for a
    batch without `sample`, and for circuits that have no deck.
    """
    accuracy = accuracy or Accuracy(min(max(circuit.run.rtol, 1e-7), 1e-3))
    planes, first, run = one_sample(circuit, sample), circuit.arrays[0], circuit.run
    title, netlist = str(build_netlist(circuit, sample)).split("\n", 1)
    lines = [title, *_comments(circuit), netlist.rstrip("\n"), accuracy.options(first, len(circuit.arrays))]
    for layer, array in enumerate(circuit.arrays):
        lines += start_lines(array, layer, start_of(array, layer, planes), Window.all_of(array))
        lines += save_lines(array, layer, Window.all_of(array))
    # without -r, `ngspice -b` runs no analysis whose results nobody asks for: the first cell's state is printed
    lines += [f".print tran v({node('v', 0, 0, 0, 0)})"]
    lines += [accuracy.transient(first, run.stop, run.stop * len(circuit.arrays), run.save), ".end"]
    return "\n".join(lines) + "\n"


def _comments(circuit: Circuit) -> Iterator[str]:
    from importlib.metadata import version

    cell, layers = circuit.arrays[0].cell, len(circuit.arrays)
    yield f"* written by cellnn {version('cellnn')} from the spec with the hash {circuit.hash or 'none'}"
    yield from _wrapped(f"cell circuit {cell.name}: {cell.paper}")
    if has(cell, "x"):
        memristor = cell.memristor  # type: ignore[attr-defined]
        yield from _wrapped(f"memristor {memristor.name}: {memristor.paper}")
    yield from _wrapped(
        "nodes of the cell in layer L, channel k, row i, column j, all from 0: v_L_k_i_j state, y_L_k_i_j output, "
        "x_L_k_i_j memristor state, u_L_k_i_j input"
    )
    yield from _wrapped(
        "every subcircuit template_L_k holds the weights of one channel: in A_c_r_s, matrix A, channel c, row r and "
        "column s of the kernel; and each cell has an instance of it"
    )
    if layers > 1:
        yield from _wrapped(f"layers run in sequence, layer L from L to L + 1 times {circuit.run.stop:g} s")
    yield MARK + json.dumps(described(circuit), separators=(",", ":"))


def _wrapped(text: str) -> Iterator[str]:
    # comments are ASCII: not every ngspice reads more
    plain = text.encode("ascii", "replace").decode()
    for k, line in enumerate(wrap(plain, 110)):
        yield ("* " if k == 0 else "*   ") + line


def described(circuit: Circuit) -> dict[str, Any]:
    """What the netlist alone does not say."""
    first, run = circuit.arrays[0], circuit.run
    memristor = getattr(first.cell, "memristor", None)
    return {
        "format": 1,
        "name": circuit.name,
        "grid": {"rows": first.rows, "columns": first.columns, "boundary": first.boundary.as_spec()},
        "circuit": first.cell.name,
        "output": {"kind": first.cell.stage.name, "leak": getattr(first.cell.stage, "leak", 0.0)},
        "memristor": None if memristor is None else memristor.name,
        "layers": [
            {
                "name": array.name,
                "channels": array.channels,
                "inputs": array.input_channels,
                "A": array.template.A.shape[2:],
                "B": array.template.B.shape[2:],
                "initial": "input" if array.initial is None else "values",
                "x0": "input" if array.x0 is None else "values",
            }
            for array in circuit.arrays
        ],
        "run": run.model_dump(exclude_none=True),
        "seed": circuit.seeds,
    }
