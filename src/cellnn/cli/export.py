"""`cellnn export`: a spec in, or a layer of a deployed network, a SPICE deck out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .export_layer import LayerOptions, export_layer
from .export_line import tell
from .output import JsonOption, note


def export(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The circuit, a YAML file; with --hardware, a model.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DECK.cir", help="Where the deck goes.")],
    sample: Annotated[
        int | None, typer.Option(metavar="N", help="Of a batch, or of noised pictures, this one, from 0.")
    ] = None,
    reltol: Annotated[
        float | None, typer.Option(metavar="X", help="ngspice's relative tolerance (default: run.rtol, 1e-7 to 1e-3).")
    ] = None,
    json_file: JsonOption = None,
    hardware: Annotated[
        Path | None,
        typer.Option(metavar="HARDWARE.yaml", help="The chip of a model, of which a layer is written."),
    ] = None,
    layer: Annotated[str | None, typer.Option(metavar="NAME", help="Which layer of the model.")] = None,
    window: Annotated[
        str | None, typer.Option(metavar="R0:R1,C0:C1", help="Of the layer, these rows and columns only.")
    ] = None,
    channels: Annotated[str | None, typer.Option(metavar="0,3 or 2:6", help="Of the layer, these channels.")] = None,
    time: Annotated[
        float | None, typer.Option(metavar="T", help="Diffusion time of the picture the model is asked (0.5).")
    ] = None,
    folder: Annotated[Path | None, typer.Option(metavar="F", help="Where the model's data set lies.")] = None,
) -> None:
    """Write a circuit, or a window of a layer of a deployed model, as a SPICE deck that stands alone."""
    from ..circuits.spec.load import load
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable, replacing

    json_path = None if json_file in (None, "-") else Path(json_file)
    if reltol is not None and not 1e-12 <= reltol <= 0.1:
        raise InputError("--reltol", reltol, "a number from 1e-12 to 0.1")
    asked = LayerOptions(hardware, layer, window, channels, time, folder)
    if asked.check():
        export_layer(str(spec), asked, output, sample, reltol, json_file)
        return
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
    tell(output, cells, nodes, elements, json_file)
