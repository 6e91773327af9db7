"""`cellnn export`: a spec in, a SPICE deck out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from .output import JsonOption, note, write_json


def export(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The circuit, a YAML file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DECK.cir", help="Where the deck goes.")],
    sample: Annotated[int | None, typer.Option(metavar="N", help="Of a batch, this sample, from 0.")] = None,
    reltol: Annotated[
        float | None, typer.Option(metavar="X", help="ngspice's relative tolerance (default: run.rtol, 1e-7 to 1e-3).")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Write a circuit as a SPICE deck that stands alone."""
    from ..circuits.spec.load import load
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable, replacing

    json_path = None if json_file in (None, "-") else Path(json_file)
    if reltol is not None and not 1e-12 <= reltol <= 0.1:
        raise InputError("--reltol", reltol, "a number from 1e-12 to 0.1")
    circuit = load(spec)
    check_apart(spec, output, json_path)
    for target in (output, json_path):
        if target is not None:
            check_writable(target)
    for text in circuit.notes:
        note(f"note: {text}")
    if circuit.noise is not None:
        note("note: thermal noise is not in the deck")
    if circuit.run.settle is not None:
        note("note: the deck runs to run.stop, settled or not")

    from ..netlists.analysis import Accuracy
    from ..netlists.export import export_deck
    from ..netlists.size import size_of

    deck = export_deck(circuit, sample=sample, accuracy=None if reltol is None else Accuracy(reltol))
    nodes, elements = size_of(deck)
    cells = sum(array.channels * array.rows * array.columns for array in circuit.arrays)
    with replacing(output) as path:
        path.write_text(deck, encoding="utf-8")
    run = f"ngspice -b -r {shlex.quote(output.stem + '.raw')} {shlex.quote(str(output))}"
    if json_file is not None:
        content = {"written": str(output), "cells": cells, "nodes": nodes, "elements": elements, "run": run}
        write_json(content, json_file)
    if json_file != "-":
        print(f"wrote {output}: {cells} cells, {nodes} nodes, {elements} elements; run it: {run}")
