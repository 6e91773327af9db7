"""report.html: the report for readers, in one file."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

from .html import table

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


def page(content: dict[str, Any], pictures: dict[str, Path]) -> str:
    """The page; `pictures` are PNG files by what they show, which become part of it."""
    model, hardware = content["model"]["name"], content["hardware"]["name"] or "hardware"
    most = content["costs_most"]
    lead = f"{content['samples']['count']} pictures from the same noise, by the ideal arrays and by one chip. "
    lead += f"Their mean SSIM is {content['similarity']['mean']:.3f} (1: the same picture). "
    lead += f"Of the effects by themselves, {most} moves the network's answers most." if most else "No effect is on."
    shown = "".join(
        f"<figure><img src='data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}' alt='{escape(name)}'>"
        f"<figcaption>{escape(name)}</figcaption></figure>"
        for name, path in pictures.items()
    )
    parts = [f"<h1>{escape(model)} on {escape(hardware)}</h1><p>{escape(lead)}</p><div class='pair'>{shown}</div>"]
    if "quality" in content:
        parts.append("<h2>Pictures</h2>" + _quality(content["quality"]))
    parts.append("<h2>Effects</h2><p>Answers of the network to noised pictures nobody learned from: mean squared error "
                 "against the right answer, and how far they are from the ideal network's.</p>")  # fmt: skip
    rows = [[name, f"{one['error']:.4f}", f"{one['difference']:.2%}"] for name, one in content["ablation"].items()]
    parts.append(table(("effects that are on", "error", "distance from ideal"), rows))
    parts.append("<h2>Diffusion time</h2>")
    rows = [
        [f"{one['t']:.2f}", f"{one['ideal']:.4f}", f"{one['deployed']:.4f}", f"{one['difference']:.2%}"]
        for one in content["answers"]
    ]
    parts.append(table(("t (1: noise)", "error, ideal", "error, deployed", "distance from ideal"), rows))
    parts.append("<h2>Blocks</h2><p>Each under the ideal network's own input to it.</p>")
    rows = [
        [name, f"{one:.2%}", f"{content['ranges'][name]['input']:.1f}", f"{content['ranges'][name]['output']:.1f}"]
        for name, one in content["blocks"].items()
    ]
    parts.append(table(("block", "distance from ideal", "input range [V1]", "output range [V1]"), rows))
    parts.append(f"<h2>Hardware</h2><pre>{escape(content['hardware']['text'])}</pre>")
    seeds = ", ".join(f"{name} {value}" for name, value in content["hardware"]["seeds"].items())
    versions = ", ".join(f"{name} {value}" for name, value in content["versions"].items())
    weights = content["model"]["weights"]["sha256"]
    made = f"Seeds: {seeds}; samples {content['samples']['seed']}. Weights {weights}. {versions}."
    parts.append(f"<h2>Made from</h2><p>{escape(made)}</p>")
    title = escape(f"{model} on {hardware}")
    head = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title><style>{STYLE}</style>"
    return f"{head}<body>{''.join(parts)}</body></html>\n"


def _quality(quality: dict[str, Any]) -> str:
    rows = []
    for name, title in NAMES.items():
        if name in quality["ideal"]:
            ideal, deployed = quality["ideal"][name], quality["deployed"][name]
            rows.append([title, _figure(ideal), _figure(deployed), _number(ideal["own"])])
    return table(("measure", "ideal", "deployed", "the data's own"), rows)


def _figure(one: dict[str, Any]) -> str:
    interval = one["interval"]
    if interval is None:
        return _number(one["value"])
    low, high = interval
    return f"{_number(one['value'])} ({_number(low)} to {_number(high)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
