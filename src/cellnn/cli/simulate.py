"""`cellnn simulate`: a spec in, a NetCDF file and pictures out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, note, progress_bar, write_json


def simulate(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The circuit, a YAML file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.nc", help="Where the result goes (NetCDF).")],
    plot: Annotated[Path | None, typer.Option(metavar="P.png", help="Draw maps and trajectories.")] = None,
    animate: Annotated[Path | None, typer.Option(metavar="A.gif", help="Draw the array settling.")] = None,
    json_file: JsonOption = None,
    device: Annotated[
        str, typer.Option(metavar="DEVICE", help="cpu (compiled), cuda, cuda:1 (through torch) or torch (its CPU).")
    ] = "cpu",
    precision: Annotated[str, typer.Option(metavar="PRECISION", help="double or single.")] = "double",
    threads: Annotated[
        int | None, typer.Option(metavar="N", help="Threads, at most (default: this process's cores).")
    ] = None,
) -> None:
    """Simulate a circuit from its YAML spec."""
    from ..circuits.spec.load import load
    from ..devices.files import check_apart, check_writable

    circuit = load(spec)
    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(spec, output, plot, animate, json_path)
    for target in (output, plot, animate, json_path):
        if target is not None:
            check_writable(target)
    if plot is not None or animate is not None:
        from ..plots.files import check_suffix

        check_suffix(plot, animate)
    for text in circuit.notes:
        note(f"note: {text}")

    from ..simulator.result import save
    from ..simulator.simulate import simulate as run

    with progress_bar() as report:
        result = run(circuit, report, device=device, precision=precision, threads=threads)  # type: ignore[arg-type]
    for text in filter(None, result.attrs["warnings"].split("\n")):
        note(f"warning: {text}")
    written = [str(output)]
    save(result, output)
    if plot is not None:
        from ..plots.files import save_figure
        from ..plots.overview import plot_result

        save_figure(plot_result(result), plot)
        written.append(str(plot))
    if animate is not None:
        from ..plots.animation import animate as draw

        draw(result, animate)
        written.append(str(animate))
    summary = _summary(result, written)
    if json_file is not None:
        write_json(summary, json_file)
    if json_file != "-":
        _print(summary)


def _summary(result: Any, written: list[str]) -> dict[str, Any]:
    layers = []
    for name, group in result.children.items():
        final = group["output"].isel(time=-1)
        layers.append(
            {
                "name": name,
                "samples": group.sizes.get("sample", 1),
                "channels": group.sizes["channel"],
                "rows": group.sizes["row"],
                "columns": group.sizes["column"],
                "stop_s": float(group["time"][-1]),
                "output_min_V": float(final.min()),
                "output_max_V": float(final.max()),
                **json.loads(group.attrs["solver_statistics"]),
            }
        )
    return {"status": result.attrs["status"], "written": written, "layers": layers}


def _print(summary: dict[str, Any]) -> None:
    for layer in summary["layers"]:
        batch = f"{layer['samples']} samples of " if layer["samples"] > 1 else ""
        print(
            f"{layer['name']}: {batch}{layer['channels']} x {layer['rows']} x {layer['columns']} cells, "
            f"{layer['steps']} steps of {layer['method']} ({layer['rejected']} rejected) to {layer['stop_s']:g} s, "
            f"output {layer['output_min_V']:.4g} V to {layer['output_max_V']:.4g} V"
        )
    print("wrote " + ", ".join(summary["written"]))
