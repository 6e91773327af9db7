"""`cellnn devices`: the memristor models, and one of them in full."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from .output import JsonOption, write_json


class DevicesCommand(TyperCommand):
    """`cellnn devices [NAME]`, and `cellnn devices fit ..`: a first word `fit` goes to that command."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of this command, or of `fit`."""
        if args[:1] == ["fit"]:
            from .devices_fit import fit_command

            return fit_command().make_context(f"{info_name} fit", args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)


def devices(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A model, such as strachan-taox; or fit, see fit --help.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="P.png", help="Draw the pinched hysteresis loop.")] = None,
    json_file: JsonOption = None,
) -> None:
    """List the memristor models, or show one: equations, parameters, units and the paper."""
    from ..devices.errors import MISSING, InputError
    from ..devices.registry import memristor_class, memristor_names

    if name is None:
        if plot is not None:
            raise InputError(
                "--plot", MISSING, "the name of a model before it", "cellnn devices strachan-taox --plot P.png"
            )
        models = {known: memristor_class(known).title for known in memristor_names()}
        if json_file is not None:
            write_json(models, json_file)
        if json_file != "-":
            _print_list(models)
        return
    device = memristor_class(name)()
    content = _describe(device)
    if plot is not None:
        from ..plots.files import check_suffix, save_figure
        from ..plots.hysteresis import plot_hysteresis

        check_suffix(plot, None)
        save_figure(plot_hysteresis(device), plot)
    if json_file is not None:
        write_json(content, json_file)
    if json_file != "-":
        _print_device(content)
    if plot is not None and json_file != "-":
        print(f"\nwrote {plot}")


def _describe(device: Any) -> dict[str, Any]:
    from ..devices.codegen.display import BOUNDS, displayed_equations
    from ..devices.parameter import parameters_of

    parameters = {
        name: {"value": getattr(device, name), **asdict(info)} for name, info in parameters_of(device).items()
    }
    for info in parameters.values():  # JSON has no infinity
        for end in ("low", "high"):
            info[end] = info[end] if abs(info[end]) < float("inf") else None
    low, high = device.voltage_range
    return {
        "name": device.name,
        "title": device.title,
        "paper": device.paper,
        "equations": asdict(displayed_equations(device)),
        "bounds": BOUNDS,
        "voltage_range_V": [low, high] if abs(low) < float("inf") else None,
        "parameters": parameters,
        "parameter_sets": {key: dict(values) for key, values in device.parameter_sets.items()},
    }


def _print_list(models: dict[str, str]) -> None:
    width = max(map(len, models))
    for name, title in models.items():
        print(f"{name:{width}}  {title}")
    print("\n`cellnn devices NAME` shows equations, parameters, units and the paper.")
    print("`cellnn devices fit NAME DATA.csv` finds its parameters from measurements.")


def _print_device(content: dict[str, Any]) -> None:
    print(f"{content['name']}: {content['title']}\n\n{content['paper']}\n")
    for symbol, unit, key in (("i(v, x)", "A", "current"), ("dx/dt", "1/s", "rate")):
        for text, condition in content["equations"][key]:
            print(f"  {symbol} = {text}" + (f"    {condition}" if condition else "") + f"    [{unit}]")
    print(f"\n  v in V, x in [0, 1] (1 = ON); {content['bounds']}.")
    if content["voltage_range_V"]:
        low, high = content["voltage_range_V"]
        print(f"  Fitted from {low:g} V to {high:g} V; a run that leaves this range says so.")
    sources = {info["source"] for info in content["parameters"].values()}
    shared = sources.pop() if len(sources) == 1 else None
    print("\nparameter   value        unit        valid range             meaning")
    for name, info in content["parameters"].items():
        low = "-inf" if info["low"] is None else f"{info['low']:g}"
        high = "inf" if info["high"] is None else f"{info['high']:g}"
        source = f" ({info['source']})" if info["source"] and shared is None else ""
        span = f"{low} .. {high}"
        print(f"{name:10}  {info['value']:<11.6g}  {info['unit']:10}  {span:22}  {info['meaning']}{source}")
    if shared:
        print(f"Values: {shared}.")
    if content["parameter_sets"]:
        print("\nPublished alternatives, chosen in a spec by `parameters: NAME`:")
    for name, values in content["parameter_sets"].items():
        print(f"  {name}: " + ", ".join(f"{key} = {value:g}" for key, value in values.items()))
