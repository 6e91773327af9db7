"""report.html: the report for readers, in one file."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from . import mapping, memristors
from .cost import section as cost_section
from .html import table
from .spice import section as windows_section

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a2e; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .25rem .8rem; border-bottom: 1px solid #ddd; }
td:not(:first-child), th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
img { max-width: 100%; } pre { background: #f6f6f9; padding: 1rem; overflow: auto; }
figure { margin: 0; } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
"""
NAMES = {
    "frechet": "Frechet distance", "kernel": "kernel distance", "precision": "precision", "recall": "recall",
    "confident": "recognised with 90 % confidence", "label_agreement": "recognised as asked for",
}  # fmt: skip


def page(content: dict[str, Any], sheets: Mapping[str, Path], plots: Mapping[str, Path]) -> str:
    """The page. PNG files become part of it: `sheets` of samples by what they show, and `plots`, which are `effects`,
    `answers` and `states`."""
    model, hardware = content["model"]["name"], content["hardware"]["name"] or "hardware"
    parts = [f"<h1>{escape(model)} on {escape(hardware)}</h1><p>{escape(_lead(content))}</p>"]
    parts.append(f"<div class='pair'>{''.join(_figure(path, name) for name, path in sheets.items())}</div>")
    if "quality" in content:
        parts.append("<h2>Pictures</h2>" + _quality(content["quality"]))
    if content["ablation"]:
        parts.append(_effects(content["ablation"]) + (_figure(plots["effects"]) if "effects" in plots else ""))
    parts.append("<h2>Diffusion time and blocks</h2>" + (_figure(plots["answers"]) if "answers" in plots else ""))
    parts.append(_answers(content) + _blocks(content))
    parts.append(mapping.section(content["mapping"]))
    if "states" in plots:
        parts.append("<h2>Waveforms</h2>" + _figure(plots["states"]))
    parts.append(memristors.section(content["memristors"]))
    if content["cost"] is not None:
        parts.append(cost_section(content["cost"]))
    parts.append(windows_section(content))
    parts.append(_made_from(content))
    title = escape(f"{model} on {hardware}")
    head = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title><style>{STYLE}</style>"
    return f"{head}<body>{''.join(parts)}</body></html>\n"


def _lead(content: dict[str, Any]) -> str:
    most = content["costs_most"]
    drawn = _sampler(content["samples"])
    lead = f"{content['samples']['count']} pictures from the same noise, by the ideal arrays and by one chip{drawn}. "
    lead += f"Their mean SSIM is {content['similarity']['mean']:.3f} (1: the same picture). "
    if "recognised" in content:
        ideal, chip = (f"{content['recognised'][name]:.0%}" for name in ("ideal", "deployed"))
        lead += (
            f"A classifier takes {ideal} of the ideal arrays' and {chip} of the chip's for what they were asked to be. "
        )
    if content["calibration"]["correct"] != "nothing":
        lead += f"The chip was calibrated: gain, offset and bias of its {content['calibration']['correct']}. "
    if most:
        return lead + f"Of the effects by themselves, {most} moves the network's answers most."
    return lead + ("No effect is on." if content["ablation"] else "")


def _sampler(samples: dict[str, Any]) -> str:
    if samples["sampler"] is None:
        return ""
    loop = ", whose loop is ideal itself" if samples["sampler"] == "analog" else ""
    return f", drawn by the {samples['sampler']} sampler{loop}"


def _figure(path: Path, name: str = "") -> str:
    picture = base64.b64encode(path.read_bytes()).decode()
    caption = f"<figcaption>{escape(name)}</figcaption>" if name else ""
    return f"<figure><img src='data:image/png;base64,{picture}' alt='{escape(name or path.stem)}'>{caption}</figure>"


def _effects(ablation: dict[str, Any]) -> str:
    text = (
        "<h2>Effects</h2><p>Answers of the network to noised pictures nobody learned from: mean squared error "
        "against the right answer, and how far they are from the ideal network's. These chips are not calibrated.</p>"
    )
    head = ["effects that are on", "error", "distance from ideal"]
    rows = [
        [name, "-" if one["error"] is None else f"{one['error']:.4f}", one["failed"] or f"{one['difference']:.2%}"]
        for name, one in ablation.items()
    ]
    if any(one["frechet"] for one in ablation.values()):
        head.append("Frechet distance of pictures")
        for row, one in zip(rows, ablation.values(), strict=True):
            row.append(_value(one["frechet"]) if one["frechet"] else "-")
    return text + table(head, rows)


def _answers(content: dict[str, Any]) -> str:
    rows = [
        [f"{one['t']:.2f}", f"{one['ideal']:.4f}", f"{one['deployed']:.4f}", f"{one['difference']:.2%}"]
        for one in content["answers"]
    ]
    return table(("t (1: noise)", "error, ideal", "error, deployed", "distance from ideal"), rows)


def _blocks(content: dict[str, Any]) -> str:
    calibrated = content["calibration"]["blocks"]
    head = ["block", "distance from ideal", "input range [V1]", "output range [V1]"]
    rows = [
        [name, f"{one:.2%}", f"{content['ranges'][name]['input']:.1f}", f"{content['ranges'][name]['output']:.1f}"]
        for name, one in content["blocks"].items()
    ]
    if calibrated:
        head += ["output before calibration", "after"]
        for row in rows:
            row += [f"{calibrated[row[0]][when]:.2%}" for when in ("before", "after")]
    return "<p>Each block under the ideal network's own input to it:</p>" + table(head, rows)


def _made_from(content: dict[str, Any]) -> str:
    text = f"<h2>Hardware</h2><pre>{escape(content['hardware']['text'])}</pre>"
    seeds = ", ".join(f"{name} {value}" for name, value in content["hardware"]["seeds"].items())
    versions = ", ".join(f"{name} {value}" for name, value in content["versions"].items())
    weights = content["model"]["weights"]["sha256"]
    made = f"Seeds: {seeds}; samples {content['samples']['seed']}. Weights {weights}. {versions}."
    return f"{text}<h2>Made from</h2><p>{escape(made)}</p>"


def _quality(quality: dict[str, Any]) -> str:
    rows = []
    for name, title in NAMES.items():
        if name in quality["ideal"]:
            ideal, deployed = quality["ideal"][name], quality["deployed"][name]
            rows.append([title, _value(ideal), _value(deployed), _number(ideal["own"])])
    return table(("measure", "ideal", "deployed", "the data's own"), rows)


def _value(one: Mapping[str, Any]) -> str:
    interval = one["interval"]
    if interval is None:
        return _number(one["value"])
    low, high = interval
    return f"{_number(one['value'])} ({_number(low)} to {_number(high)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
