"""docs/parameters.md: the parts that are measured are written from reports, the rest is text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..evaluate.table import HEADINGS, rows_of

BEGIN, END = "<!-- measured: written by examples/parameters_study.py -->", "<!-- end of measured -->"


def measured(report: dict[str, Any], chips: dict[str, Any] | None, denoisers: dict[str, Any] | None) -> str:
    """The measured part of the page, Markdown."""
    parts = [BEGIN, "", *_templates(report)]
    parts += [] if denoisers is None else ["", *_denoisers(denoisers)]
    parts += [] if chips is None else ["", *_chips(chips)]
    return "\n".join([*parts, "", END])


def replaced(page: str, text: str) -> str:
    """The page with this measured part in place of the one it has. ValueError where it has none."""
    begin, end = page.index(BEGIN), page.index(END) + len(END)
    return page[:begin] + text + page[end:]


def _templates(report: dict[str, Any]) -> list[str]:
    new, old = report["generated"], report["original"]
    low, high = new["mean_beyond_original_interval"]
    best = new["best_beyond_original_interval"]
    alike = report["similarity_original_nearest_original"], new["nearest_original"]
    noise = report["ablations"].get("noise 0.1", {}).get("nearest_original")
    shift, own = new["mean"] - old["mean"], report["similarity_original_original"]
    noisy = "" if noise is None else f", and an original plus a tenth of the originals' spread as noise {noise:.3f}"
    sentences = [
        f"Accuracy on {report['pictures']} digits that nothing was trained with; one is {report['resolution']:.4f}.",
        "In brackets the 95 % over other digits (bootstrap).",
        "",
        *_table(HEADINGS, rows_of(report)),
        "",
        f"- Mean: generated {new['mean']:.4f}, originals {old['mean']:.4f}; the difference is {shift:+.4f}",
        f"  ({low:+.4f} to {high:+.4f}).",
        f"- Best: generated {new['best']:.4f}, originals {old['best']:.4f}; of the difference the 95 % are",
        f"  {best[0]:+.4f} to {best[1]:+.4f}.",
        f"- Overlap (IoU) of the sets of wrongly classified digits: originals among themselves {own:.3f}, generated",
        f"  with originals {report['similarity_generated_original']:.3f}, generated among themselves",
        f"  {report['similarity_generated_generated']:.3f}; with the nearest original {alike[1]:.3f}, where originals",
        f"  have {alike[0]:.3f}{noisy}.",
    ]
    return ["## Measured: templates of a classifier", "", *sentences]


def _denoisers(report: dict[str, Any]) -> list[str]:
    text = f"The same of a denoiser, its held-out loss on {report['pictures']} noised digits: less is better."
    return ["## Measured: a denoiser", "", text, "", *_table(HEADINGS[:4], [row[:4] for row in rows_of(report)])]


def _chips(report: dict[str, Any]) -> list[str]:
    headings = ("", "accuracy", "worst chip", "CPU time [ms]", "pictures shown to the chip")
    rows = []
    for name, method in report["methods"].items():
        low, high = method["accuracy_interval"]
        shown = report["pictures_shown"].get(name, 0)
        mean = f"{method['accuracy']:.4f} ({low:.4f} to {high:.4f})"
        rows.append((name, mean, f"{method['worst']:.4f}", f"{method['seconds'] * 1e3:.3g}", str(shown)))
    new = report["methods"]["generated"]
    shares = {name: new[f"share_of_{name.replace('-', '_')}"] for name in ("calibrated", "fine-tuned")}
    told = [
        f"{share:.0%} of what {'calibration' if name == 'calibrated' else 'fine-tuning'} recovers, in "
        f"{new['time_of_' + name.replace('-', '_')]:.2g} of its time"
        for name, share in shares.items()
        if share is not None
    ]
    return [
        "## Measured: for chips",
        "",
        f"{report['chips']} simulated chips that training has not seen, {report['pictures']} digits; the ideal network",
        f"has {report['ideal']:.4f}. Intervals are over chips.",
        "",
        *_table(headings, rows),
        "",
        "Generated templates recover " + "; ".join(told) + ".",
    ]


def _table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [headings, ("---",) * len(headings), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
