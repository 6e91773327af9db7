"""`cellnn devices fit`: a memristor's parameters from measured currents and voltages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, note, progress_bar, write_json

NameValues = list[str] | None


def fit(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model, such as strachan-taox.")],
    data: Annotated[
        Path,
        typer.Argument(metavar="DATA.csv", help="Voltage, current, perhaps time or x, trace; units in the header."),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="P.yaml", help="Write the memristor for a circuit spec.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="P.png", help="Draw data, fit and residuals.")] = None,
    json_file: JsonOption = None,
    free: Annotated[
        NameValues, typer.Option(metavar="NAME,..", help="Fit these parameters only (default: all that matter).")
    ] = None,
    fix: Annotated[
        NameValues, typer.Option(metavar="NAME=VALUE,..", help="Hold these; without a value where they start.")
    ] = None,
    start: Annotated[NameValues, typer.Option(metavar="NAME=VALUE,..", help="Start these there.")] = None,
    parameter_set: Annotated[str | None, typer.Option("--set", metavar="NAME", help="Start from this set.")] = None,
    x0: Annotated[
        NameValues, typer.Option(metavar="X0 | TRACE=X0,..", help="Known state at the start (default: fitted).")
    ] = None,
    loss: Annotated[str, typer.Option(metavar="LOSS", help="linear, or soft_l1 against outliers.")] = "linear",
    noise: Annotated[float | None, typer.Option(metavar="SHARE", help="Known noise as a share of the current.")] = None,
    floor: Annotated[float | None, typer.Option(metavar="A", help="Known noise at no current [A].")] = None,
    starts: Annotated[int, typer.Option(metavar="N", help="Descents from so many starts.")] = 8,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of these starts.")] = 0,
) -> None:
    """Fit a model's parameters to measured sweeps and pulses; with time, the state equation is integrated."""
    from ..devices.errors import InputError
    from ..devices.files import check_apart, check_writable, replacing
    from ..devices.fitting.fit import fit_memristor
    from ..devices.fitting.measurements import read_measurements
    from ..devices.fitting.report import describe, parameters_yaml
    from ..devices.fitting.unknowns import make_plan
    from ..devices.registry import memristor_class

    memristor_class(model)
    json_path = None if json_file in (None, "-") else Path(json_file)
    check_apart(data, output, plot, json_path)
    for target in (output, plot, json_path):
        if target is not None:
            check_writable(target)
    if plot is not None:
        from ..plots.files import check_suffix

        check_suffix(plot)
    measurements = read_measurements(data)
    for column in measurements.ignored:
        note(f"note: the column {column!r} is not used")
    if (noise is None) != (floor is None):
        raise InputError("--noise", noise if floor is None else floor, "both --noise and --floor, or neither")
    plan = make_plan(
        model,
        measurements,
        free=None if free is None else _words(free),
        fix=_pairs("fix", fix, bare=True),
        start={name: value for name, value in _pairs("start", start).items() if value is not None},
        parameter_set=parameter_set,
        x0=_states(x0),
    )
    with progress_bar() as report:
        found = fit_memristor(
            plan,
            measurements,
            loss=loss,
            noise=None if noise is None or floor is None else (noise, floor),
            starts=starts,
            seed=seed,
            progress=report,
        )
    content = describe(found)
    written = []
    if output is not None:
        with replacing(output) as path:
            path.write_text(parameters_yaml(found, data.name), encoding="utf-8")
        written.append(str(output))
    if plot is not None:
        from ..plots.files import save_figure
        from ..plots.fit import plot_fit

        save_figure(plot_fit(found, data.name), plot)
        written.append(str(plot))
    if json_file is not None:
        write_json({**content, "written": written}, json_file)
    if json_file != "-":
        _print(content, data.name)
        if written:
            print("\nwrote " + ", ".join(written))


def _words(texts: Sequence[str] | None) -> list[str]:
    return [word.strip() for text in texts or () for word in text.split(",") if word.strip()]


def _pairs(option: str, texts: Sequence[str] | None, bare: bool = False) -> dict[str, float | None]:
    """NAME=VALUE,.. as a mapping; a NAME alone means None where `bare` allows it."""
    from ..devices.errors import InputError

    result: dict[str, float | None] = {}
    for word in _words(texts):
        name, equals, text = (part.strip() for part in word.rpartition("=")) if "=" in word else (word, "", "")
        if name in result:
            raise InputError(f"--{option}", name, "each name once")
        if not equals and bare:
            result[name] = None
            continue
        result[name] = _number(option, word, text)
    return result


def _number(option: str, word: str, text: str) -> float:
    from ..devices.errors import InputError

    try:
        return float(text)
    except ValueError:
        raise InputError(f"--{option}", word, "NAME=VALUE, the value a number in SI units") from None


def _states(texts: Sequence[str] | None) -> float | dict[str, float] | None:
    """One x0 for all traces, or TRACE=X0,.. for some."""
    words = _words(texts)
    if len(words) == 1 and "=" not in words[0]:
        return _number("x0", words[0], words[0])
    return {name: value for name, value in _pairs("x0", words).items() if value is not None} or None


def _print(content: dict[str, Any], name: str) -> None:
    traces = f" in {content['traces']} traces" if content["traces"] > 1 else ""
    print(f"{content['model']} fitted to {name}: {content['points']} points{traces}\n")
    width = max(map(len, ("parameter", *content["parameters"], *content["x0"])))
    print(f"{'parameter':{width}}  value        +-         unit        start        range")
    for key, one in content["parameters"].items():
        low = "-inf" if one["low"] is None else f"{one['low']:g}"
        high = "inf" if one["high"] is None else f"{one['high']:g}"
        print(_row(key, width, one, f"{one['start']:<11.6g}", f"{low} .. {high}"))
    for key, one in content["x0"].items():
        print(_row(key, width, one, "", "0 .. 1"))
    print(f"\nresiduals: {content['rms_decades']:.3g} decades rms; R^2 of the current {content['r_squared']:.6g}")
    share, least = content["noise"], content["noise"] * content["i0_A"]
    print(f"noise: {100 * share:.3g} % of the current, {least:.3g} A at no current")
    if content["chi"] is not None:
        print(f"chi: {content['chi']:.3g} (1: the misfit is the noise that was given)")
    print(f"minimum: {content['agreed']} of {content['starts']} starts came to it")
    for text in content["notes"]:
        print(f"note: {text}")


def _row(name: str, width: int, one: dict[str, Any], start: str, span: str) -> str:
    error = "" if one["standard_error"] is None else f"{one['standard_error']:.2g}"
    if not one["free"]:
        remark = "held"
    elif one["at_bound"]:
        remark = "at its bound"
    else:
        remark = "" if one["determined"] else "not determined"
    return (
        f"{name:{width}}  {one['value']:<11.6g}  {error:9}  {one['unit']:10}  {start:11}  {span:22}  {remark}".rstrip()
    )


_app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})
_app.command(name="fit")(fit)


def fit_command() -> Any:
    """The command, to be called by `cellnn devices`."""
    return typer.main.get_command(_app)
