"""The report as text: the table in the paper's form."""

from __future__ import annotations

from typing import Any

HEADINGS = ("", "best", "mean", "worst", "nearest original", "similarity within")


def rows_of(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """A row for originals, generated ones and each ablation; of accuracies with four digits, as in the paper."""
    rows = []
    groups = {"original": report["original"], "generated": report["generated"], **report["ablations"]}
    for name, group in groups.items():
        alike = group.get("nearest_original"), group.get("similarity_within")
        if name == "original":
            alike = report["similarity_original_nearest_original"], report["similarity_original_original"]
        cells = [f"{group[key]:.4f}" for key in ("best", "mean", "worst")]
        low, high = group["mean_interval"]
        cells[1] += f" ({low:.4f} to {high:.4f})"
        rows.append((f"{name} ({group['count']})", *cells, *("" if v is None else f"{v:.3f}" for v in alike)))
    return rows


def table_of(report: dict[str, Any]) -> str:
    """Columns of text."""
    rows = [HEADINGS, *rows_of(report)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    what = f"{report['measure']} on {report['pictures']} pictures"
    if report["resolution"]:
        what += f", one picture is {report['resolution']:.4f}"
    return "\n".join([what, *lines])
