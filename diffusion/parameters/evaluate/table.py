"""The report as text: the table in the paper's form."""

from __future__ import annotations

from typing import Any

HEADINGS = ("", "best", "mean", "worst", "spread", "distance", "similarity to the nearest original", "within")


def rows_of(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """A row for originals, generated ones and each ablation; of accuracies with four digits, as in the paper."""
    rows = []
    groups = {"original": report["original"], "generated": report["generated"], **report["ablations"]}
    for name, group in groups.items():
        cells = [f"{group[key]:.4f}" for key in ("best", "mean", "worst")]
        low, high = group["mean_interval"]
        cells[1] += f" ({low:.4f} to {high:.4f})"
        further = ("spread", "distance_to_nearest_original", "nearest_original", "similarity_within")
        alike = ["" if group.get(key) is None else f"{group[key]:.3f}" for key in further]
        rows.append((f"{name} ({group['count']})", *cells, *alike))
    return rows


def table_of(report: dict[str, Any]) -> str:
    """Columns of text."""
    rows = [HEADINGS, *rows_of(report)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    what = f"{report['measure']} on {report['pictures']} pictures"
    if report["resolution"]:
        what += f", one picture is {report['resolution']:.4f}"
    return "\n".join([f"{what}; best and worst of {report['compared']} each", *lines])
