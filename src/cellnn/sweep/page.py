"""report.html of a study."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

HEAD = ("where", "measure", "unit", "draws", "without", "mean", "std", "least", "largest", "quantiles", "yield")
STYLE = (
    "body{font:15px sans-serif;margin:2em;max-width:80em}"
    "td,th{padding:.2em .6em;text-align:left;border-bottom:1px solid #ddd}"
)


def number(value: float | None) -> str:
    """Four digits of it."""
    return "none" if value is None else f"{value:.4g}"


def share(found: Mapping[str, Any]) -> str:
    """A yield with its interval."""
    told = f"{found['low']:.2%} to {found['high']:.2%}, {found['confidence']:.4g} {found['interval']}"
    return f"{found['share']:.2%} ({told})"


def page(content: Mapping[str, Any], pictures: Sequence[str]) -> str:
    """The page of report.json's content, with pictures that lie beside it."""
    rows = []
    for case in content["cases"]:
        where = ", ".join(f"{place} = {value}" for place, value in case["where"].items()) or "all"
        rows += [_row(cells) for cells in _cells(content, case, where)]
        if "yield" in case:
            found = case["yield"]["of_all"]
            told = f"{where}: {found['met']} of {found['count']} meet all limits, {share(found)}"
            rows.append(f'<tr><th colspan="{len(HEAD)}">{html.escape(told)}</th></tr>')
    head = "".join(f"<th>{text}</th>" for text in HEAD)
    images = "".join(f'<p><img src="{name}" alt="{name}" style="max-width:100%"></p>' for name in pictures)
    title = html.escape(content["name"] or "A study")
    failed = f"<p>{len(content['failed'])} of {content['points']} points failed; report.json says why.</p>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1>{failed if content['failed'] else ''}"
        f"<table><tr>{head}</tr>{''.join(rows)}</table>{images}</html>\n"
    )


def _cells(content: Mapping[str, Any], case: Mapping[str, Any], where: str) -> Iterator[list[str]]:
    for name, one in case["distributions"].items():
        cells = [where, name, content["measures"][name]["unit"], str(one["count"]), str(one["without"])]
        cells += [number(one.get(key)) for key in ("mean", "std", "least", "largest")]
        cells.append(", ".join(f"{q}: {number(value)}" for q, value in (one.get("quantiles") or {}).items()))
        met = case.get("yield", {}).get("of_each", {}).get(name)
        yield [*cells, share(met) if met else ""]


def _row(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
