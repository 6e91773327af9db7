"""A question's page with all its rows, and the README's table with a row for each question."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

START, END = "<!-- benchmarks: written by make bench -->", "<!-- end of benchmarks -->"


def table(results: list[dict[str, Any]]) -> str:
    """The rows of all questions in Markdown, and where they were measured."""
    lines = ["| question | against | cellnn | rival | times faster |", "|---|---|---|---|---|"]
    for result in results:
        for row in result["rows"]:
            question = ": ".join(filter(None, (result["question"], row.get("case"))))
            lines.append(f"| {question} | {row['rival']} | {_own(row)} | {_others(row)} | {_ratio(row)} |")
    return "\n".join([*lines, "", *_circumstances(results)])


def _own(row: dict[str, Any]) -> str:
    return f"{row['cellnn_s']:.3g} s" if "cellnn_s" in row else f"{row['cellnn_rate']:.3g} {row['unit']}"


def _others(row: dict[str, Any]) -> str:
    return f"{row['rival_s']:.3g} s" if "rival_s" in row else f"{row['rival_rate']:.3g} {row['unit']}"


def _ratio(row: dict[str, Any]) -> str:
    spread = f" ({row['ratio_min']:.3g} to {row['ratio_max']:.3g})" if "ratio_min" in row else ""
    return f"{row['ratio']:.3g}{spread}"


def _circumstances(results: list[dict[str, Any]]) -> list[str]:
    """One line for all questions measured in the same circumstances: a single question may be rerun by itself."""
    versions: dict[tuple[str, ...], dict[str, str]] = {}
    for result in results:
        key = result["date"], result["machine"], f"Python {result['python']}"
        versions.setdefault(key, {}).update(result["versions"])
    return [
        f"{', '.join((*key, *(f'{name} {number}' for name, number in packages.items())))}. Medians of runs in turn."
        for key, packages in versions.items()
    ]


def page(name: str, result: dict[str, Any]) -> str:
    """The page of one question: why it is asked, its numbers, and its notes: how accurate both sides were."""
    runner = Path(__file__).parent / name / "run.py"
    doc = ast.get_docstring(ast.parse(runner.read_text())) or ""
    lines = [f"# {result['question']}", "", doc.strip(), "", table([result]), ""]
    for note in result.get("notes", ()):
        lines += [note, ""]
    return "\n".join([*lines, f"Rerun: `make bench`, or `python -m benchmarks {name}`.", ""])


def summary(results: dict[str, dict[str, Any]]) -> str:
    """A row for each question by its folder's name: the rivals, and the ratios of its cases from worst to best."""
    lines = ["| question | against | times faster, from the worst case to the best |", "|---|---|---|"]
    for name, result in results.items():
        ratios = sorted(row["ratio"] for row in result["rows"])
        span = f"{ratios[0]:.3g} to {ratios[-1]:.3g} ({len(ratios)} cases)" if len(ratios) > 1 else f"{ratios[0]:.3g}"
        rivals = dict.fromkeys(re.split(r"[,(]", row["rival"])[0].strip() for row in result["rows"])
        lines.append(f"| [{result['question']}](benchmarks/{name}/README.md) | {', '.join(rivals)} | {span} |")
    return "\n".join([*lines, "", *_circumstances(list(results.values()))])


def rewrite_readme(path: Path, results: dict[str, dict[str, Any]]) -> None:
    """Put the summary between the README's markers."""
    new = f"{START}\n\n{summary(results)}\n\n{END}"
    path.write_text(re.sub(f"{START}.*?{END}", lambda _: new, path.read_text(), flags=re.S))
