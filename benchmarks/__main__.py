"""`python -m benchmarks`: run every question, write its page, and the table of the README.

`make bench` installs the rivals first.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
QUESTIONS = ("taox_transient", "plain_array")
START, END = "<!-- benchmarks: written by make bench -->", "<!-- end of benchmarks -->"


def table(results: list[dict[str, Any]]) -> str:
    """The rows of all questions in Markdown."""
    lines = ["| question | against | cellnn | rival | times faster |", "|---|---|---|---|---|"]
    for result in results:
        for row in result["rows"]:
            lines.append(
                f"| {result['question']} | {row['rival']} | {row['cellnn_s']:.3g} s | {row['rival_s']:.3g} s "
                f"| {row['ratio']:.3g} ({row['ratio_min']:.3g} to {row['ratio_max']:.3g}) |"
            )
    last = results[0]
    versions = ", ".join(f"{name} {number}" for name, number in last["versions"].items())
    lines += ["", f"{last['date']}, {last['machine']}, Python {last['python']}, {versions}. Medians of runs in turn."]
    return "\n".join(lines)


def page(name: str, result: dict[str, Any]) -> str:
    """The page of one question: its numbers and how accurate both sides were."""
    doc = import_module(f"benchmarks.{name}.run").__doc__ or ""
    lines = [f"# {result['question']}", "", doc.strip(), "", table([result]), ""]
    if "errors_at_1_RC" in result:
        errors = ", ".join(f"{who} {value:.1e}" for who, value in result["errors_at_1_RC"].items())
        lines.append(f"Largest error at 1 RC, as a share of the range: {errors}.")
    if "largest_difference" in result:
        lines.append(f"Largest difference of the two, over all cells and times: {result['largest_difference']:.1e}.")
    lines += ["", f"Rerun: `make bench`, or `python -m benchmarks.{name}.run`.", ""]
    return "\n".join(lines)


def main() -> None:
    """Run everything."""
    results = []
    for name in QUESTIONS:
        print(f"{name} ...", flush=True)
        import_module(f"benchmarks.{name}.run").main()
        result = json.loads((HERE / name / "results.json").read_text())
        (HERE / name / "README.md").write_text(page(name, result))
        results.append(result)
    readme = HERE.parent / "README.md"
    text = readme.read_text()
    new = f"{START}\n\n{table(results)}\n\n{END}"
    readme.write_text(re.sub(f"{START}.*?{END}", lambda _: new, text, flags=re.S))
    print(table(results))


if __name__ == "__main__":
    main()
