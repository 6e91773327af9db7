"""`cellnn crosscheck`: a circuit in the grid simulator and in ngspice; a verdict, and a picture."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, note, progress_bar, write_json


def crosscheck(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The circuit, a YAML file.")],
    json_file: JsonOption = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="P.png", help="Draw both waveforms, their difference, and maps of it.")
    ] = None,
    reltol: Annotated[float, typer.Option(metavar="X", help="Tolerated difference, as a share of the value.")] = 1e-3,
    abstol: Annotated[float, typer.Option(metavar="X", help="Tolerated beside it, in units of V1.")] = 1e-5,
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="batch (ngspice in a process) or shared (its library).")
    ] = "batch",
    window: Annotated[
        str | None, typer.Option(metavar="8x8+R+C", help="Check these rows x columns, from row R and column C.")
    ] = None,
    deck: Annotated[
        Path | None, typer.Option(metavar="DECK.cir", help="Run this deck instead of the exported one.")
    ] = None,
    sample: Annotated[int | None, typer.Option(metavar="N", help="Of a batch, this sample, from 0.")] = None,
    timeout: Annotated[float, typer.Option(metavar="S", help="Seconds a run of ngspice may take.")] = 600.0,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Leave ngspice's deck and log in this folder.")
    ] = None,
) -> None:
    """Simulate a circuit in ngspice too, and say whether the two agree. Exit status 0: they do; 1: they do not."""
    from ..circuits.spec.load import load
    from ..devices.files import check_apart, check_writable

    circuit = load(spec)
    json_path = None if json_file in (None, "-") else Path(json_file)
    left = () if keep is None else (keep / "deck.cir", keep / "ngspice.log")
    check_apart(spec, deck, plot, json_path, *left)
    for target in (plot, json_path):
        if target is not None:
            check_writable(target)
    if plot is not None:
        from ..plots.files import check_suffix

        check_suffix(plot)
    text = None if deck is None else _read(deck)
    for remark in circuit.notes:
        note(f"note: {remark}")

    from ..netlists.crosscheck import crosscheck as compare
    from ..netlists.measure import Tolerance

    with _progress() as say:
        verdict = compare(
            circuit,
            tolerance=Tolerance(reltol, abstol),
            engine=engine,  # type: ignore[arg-type]
            window=window,
            deck=text,
            sample=sample,
            timeout=timeout,
            keep=keep,
            progress=say,
        )
    summary = verdict.summary()
    if json_file is not None:
        write_json(summary, json_file)
    if plot is not None:
        from ..plots.crosscheck import plot_crosscheck
        from ..plots.files import save_figure

        save_figure(plot_crosscheck(verdict, circuit.name), plot)
    if json_file != "-":
        _print(summary, [str(path) for path in (json_path, plot) if path is not None])
    if not verdict.passed:
        raise typer.Exit(1)


def _read(deck: Path) -> str:
    from ..devices.errors import InputError
    from ..devices.files import require_plain_file

    try:
        require_plain_file(deck)
        return deck.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # a null byte in the name, bytes that are no UTF-8
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise InputError("--deck", str(deck), "a readable deck", reason) from None


@contextmanager
def _progress() -> Iterator[Any]:
    """Calls with a text become bars: the last one runs, those before are done."""
    with progress_bar() as report:
        begun: list[str] = []

        def say(text: str) -> None:
            if report is not None:
                if begun:
                    report(begun[-1], 1.0)
                begun.append(text)
                report(text, 0.0)

        yield say


def _print(summary: dict[str, Any], written: list[str]) -> None:
    """Print the verdict. A reader that has gone, as in `cellnn crosscheck SPEC | head -1`, does not change it."""
    try:
        print("\n".join(_lines(summary, written)), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines(summary: dict[str, Any], written: list[str]) -> Iterator[str]:
    worst = summary["worst_cell"]
    yield (
        f"{'agree' if summary['passed'] else 'DISAGREE'}: measure {summary['rms_normalised']:.3g} over "
        f"{summary['cells']} cells; below 1 they agree"
    )
    rows = {
        "measure": f"Xyce's: of the worst cell, the rms over time of |cellnn - ngspice| / "
        f"({summary['reltol']:g} |ngspice| + {summary['abstol']:g} V1)",
        "worst cell": f"layer {worst['layer']}, channel {worst['channel']}, row {worst['row']}, "
        f"column {worst['column']}: {worst['variable']}",
        "difference": f"{summary['max_abs_volts']:.3g} V at most",
        "time": f"cellnn {summary['cellnn_seconds']:.3g} s, ngspice {summary['ngspice_seconds']:.3g} s: "
        f"{summary['speedup']:.3g} times the time",
        "ngspice": f"version {summary['ngspice_version']}, "
        + (
            "with the tolerances of the deck"
            if summary["ngspice_reltol"] is None
            else f"reltol {summary['ngspice_reltol']:g}"
        ),
    }
    if summary["ngspice_own_error"] is not None:
        rows["ngspice"] += f"; by this measure {summary['ngspice_own_error']:.3g} from itself at the tolerance before"
    for layer, window in summary["windows"].items():
        rows[f"cells of {layer}"] = f"{window} (rows x columns + first row + first column)"
    width = max(map(len, rows))
    for name, text in rows.items():
        yield f"{name:{width}}  {text}"
    for text in summary["notes"]:
        yield f"note: {text}"
    if written:
        yield "wrote " + ", ".join(written)
