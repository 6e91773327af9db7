"""The report's part on energy and time."""

from __future__ import annotations

from html import escape
from typing import Any

from quantiphy import Quantity

from ..html import table

PARTS = {
    "resistors": "the cells' resistors R", "memristors": "memristors",
    "capacitors": "capacitors, emptied after each run",
    "feedback": "weights of A", "input": "weights of B", "drive": "resistors into the integrators",
    "output_stages": "loss in the amplifiers' outputs", "quiescent": "amplifiers at rest", "converters": "converters",
    "programming": "memristors put back", "digital": "digital rest",
}  # fmt: skip
TIMES = {
    "input_conversions": "inputs converted", "runs": "arrays run", "output_conversions": "outputs converted",
    "digital": "digital rest",
}  # fmt: skip


def section(content: dict[str, Any]) -> str:
    """HTML of `asdict(Cost)`: a picture by part, layer by layer, settling, what is assumed, yardsticks."""
    cases = content["cases"]
    parts = [f"<h2>Energy and time</h2><p>{escape(_lead(content))}</p>"]
    parts += [f"<p><strong>{escape(text)}</strong></p>" for text in _beyond(cases)]
    parts.append("<h3>A picture, by part</h3>" + _pictures(cases))
    parts.append("<h3>A run of each layer</h3>" + _layers(content))
    parts.append("<h3>Waveforms</h3>" + _waveforms(content))
    parts.append("<h3>Beside others</h3>" + _others(content))
    parts.append("<h3>Assumed</h3><p>Each can be changed under <code>cost:</code> in the hardware file.</p>")
    parts.append(_assumptions(cases))
    return "".join(parts)


def _lead(content: dict[str, Any]) -> str:
    text = (
        f"From the waveforms of {content['pictures']} noised pictures' runs at {content['points']} times each. A "
        f"picture asks the network {content['evaluations']} times; its layers run one after the other. Currents and "
        "voltages are the simulator's; amplifiers, converters and digital arithmetic are assumed. "
    )
    shown = [f"{_si(one['joules'], 'J')} and {_si(one['seconds'], 's')} ({one['name']})" for one in content["cases"]]
    return f"{text}One picture takes {', '.join(shown)}."


def _beyond(cases: list[dict[str, Any]]) -> list[str]:
    """What does not work as assumed."""
    found = []
    for case in cases:
        layers = [one["name"] for one in case["layers"] if not one["fits"]]
        if layers:
            rail = case["assumptions"]["supply"]["value"] / 2
            found.append(
                f"Voltages in {', '.join(layers)} are beyond the rails of the {case['name']} set (+-{rail:g} V): it "
                "could not work so, and what its outputs lose is left out. A lower voltage_unit brings voltages down."
            )
    return found


def _pictures(cases: list[dict[str, Any]]) -> str:
    rows = [
        [title, *(f"{_si(case['energy'][name], 'J')} ({case['energy'][name] / case['joules']:.1%})" for case in cases)]
        for name, title in PARTS.items()
    ]
    rows.append(["together", *(_si(case["joules"], "J") for case in cases)])
    energy = table(("energy", *(case["name"] for case in cases)), rows)
    rows = [[title, *(_si(case["time"][name], "s") for case in cases)] for name, title in TIMES.items()]
    rows.append(["together", *(_si(case["seconds"], "s") for case in cases)])
    rows.append(["one evaluation", *(_si(case["evaluation_seconds"], "s") for case in cases)])
    return energy + table(("time", *(case["name"] for case in cases)), rows)


def _layers(content: dict[str, Any]) -> str:
    cases = content["cases"]
    head = ["layer", "planes in, out", "size"]
    for case in cases:
        head += [f"energy, {case['name']}", f"time, {case['name']}", f"GOPS/W, {case['name']}"]
    rows = []
    for k, run in enumerate(content["runs"]):
        row = [run["name"], f"{run['inputs']}, {run['channels']}", f"{run['rows']} x {run['columns']}"]
        for case in cases:
            one = case["layers"][k]
            row += [_si(one["joules"], "J"), _si(one["seconds"], "s"), f"{one['operations_per_joule'] / 1e9:.3g}"]
        rows.append(row)
    return table(head, rows)


def _waveforms(content: dict[str, Any]) -> str:
    share = f"{content['settled']:.3g}"
    text = (
        f"A cell rests once |dv/dt| stays below {share} V1/RC. An output is there once all cells' outputs together are "
        f"within {share} of what they are at the end. The balance of energies is the relative error of what is "
        "integrated here: what was delivered to the cells against what they dissipated and stored."
    )
    rows = []
    for run in content["runs"]:
        energy, settling = run["energy"], run["settling"]
        dissipated = energy["resistors"] + energy["memristors"] + energy["feedback"] + energy["input"] + energy["drive"]
        rows.append([
            run["name"], _si(dissipated, "J"), _si(energy["largest"], "V"), _si(run["stop"], "s"),
            f"{settling['resting']:.1%}", "never" if settling["rest"] is None else _si(settling["rest"], "s"),
            _si(settling["output"], "s"), f"{run['drift']:.2g}", f"{run['balance']:.1g}",
        ])  # fmt: skip
    head = (
        "layer", "dissipated in devices", "largest voltage", "stop", "cells at rest at the end", "99 % at rest since",
        "output there since", "largest change of x", "error of the balance",
    )  # fmt: skip
    return f"<p>{escape(text)}</p>" + table(head, rows)


def _others(content: dict[str, Any]) -> str:
    items = []
    for case in content["cases"]:
        per_joule, per_second = case["operations_per_joule"] / 1e9, case["operations_per_second"] / 1e9
        items.append((
            f"This network, {case['name']} (estimated)",
            f"{_si(case['joules'], 'J')} and {_si(case['seconds'], 's')} a picture. Its arrays, with all but the "
            f"digital rest, give {per_joule:.3g} GOPS/W and {per_second:.3g} GOPS, two operations counted for each "
            "weight of each cell once a run. Were these multiplications digital too, arithmetic alone would take "
            f"{_si(case['digital_joules'], 'J')} a picture.",
        ))  # fmt: skip
    here = content["processor"]
    if here is not None:
        seconds = here["seconds"] * content["evaluations"]
        items.append((
            f"torch on {here['name']} (measured here)",
            f"{_si(seconds, 's')} a picture, with {here['threads']} thread(s) and batches of {here['batch']}, beside "
            "all else that ran then.",
        ))  # fmt: skip
    for one in content["yardsticks"]:
        items.append((f"{one['name']} (published)", f"{one['published']}. {one['source']}. {one['comparable']}"))
    return (
        "<ul>" + "".join(f"<li><strong>{escape(name)}</strong>: {escape(text)}</li>" for name, text in items) + "</ul>"
    )


def _assumptions(cases: list[dict[str, Any]]) -> str:
    names = list(cases[0]["assumptions"])
    rows = [[name, *(_plain(case["assumptions"][name]["value"]) for case in cases)] for name in names]
    notes = "".join(
        f"<li>{escape(name)}, {escape(case['name'])}: {escape(case['assumptions'][name]['source'])}</li>"
        for name in names
        for case in cases
    )
    values = table(("key (SI units)", *(case["name"] for case in cases)), rows)
    return f"{values}<details><summary>Where they come from</summary><ul>{notes}</ul></details>"


def _plain(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _si(value: float, unit: str) -> str:
    """Three digits and a prefix."""
    return Quantity(value, unit).render(prec=2, strip_zeros=False) if value else f"0 {unit}"
