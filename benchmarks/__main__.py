"""`python -m benchmarks [QUESTION ...]`: run the questions (all of them), write their pages and the README's table.

`make bench` installs the rivals first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .pages import page, rewrite_readme, summary

HERE = Path(__file__).parent
ORDER = (
    "taox_transient",
    "plain_array",
    "ode_libraries",
    "euler_throughput",
    "many_channels",
    "layers",
    "deployment",
    "sweep",
    "cold_start",
)
QUESTIONS = tuple(name for name in ORDER if (HERE / name / "run.py").is_file())


def answer(name: str) -> None:
    """Run one question, in a process of its own: no rival's threads or settings reach the next."""
    print(f"{name} ...", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}.run"], cwd=HERE.parent, check=True)
    (HERE / name / "README.md").write_text(page(name, stored(name)))


def stored(name: str) -> dict[str, Any]:
    """What the question's last run found."""
    return json.loads((HERE / name / "results.json").read_text())


def main() -> None:
    """Run what is named, and gather everything."""
    wanted = sys.argv[1:] or QUESTIONS
    if unknown := set(wanted) - set(QUESTIONS):
        sys.exit(f"no such question: {', '.join(sorted(unknown))}; there are {', '.join(QUESTIONS)}")
    for name in wanted:
        answer(name)
    results = {name: stored(name) for name in QUESTIONS if (HERE / name / "results.json").is_file()}
    rewrite_readme(HERE.parent / "README.md", results)
    print(summary(results))


if __name__ == "__main__":
    main()
