"""What commands show: JSON, progress, notes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Protocol

import typer

from ..devices.files import replacing

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="F", help="Write the machine-readable form to this file (- for stdout).")
]


def write_json(content: Any, target: str) -> None:
    """Write as JSON to a file, or to standard output for `-`."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        with replacing(target) as path:
            path.write_text(text, encoding="utf-8")


def note(text: str) -> None:
    """A remark on stderr."""
    print(text, file=sys.stderr)


class Report(Protocol):
    """Called with a layer's name and the share that is done, 0 to 1."""

    def __call__(self, name: str, done: float, /) -> None: ...  # noqa: D102


@contextmanager
def progress_bar() -> Iterator[Report | None]:
    """A progress bar per layer on a terminal; None where stderr is none."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def report(name: str, done: float) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=1.0)
            bar.update(tasks[name], completed=done)

        yield report
