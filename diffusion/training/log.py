"""log.csv: what a run reported, a line at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...devices.files import replacing

COLUMNS = (
    "step",
    "loss",
    "learning_rate",
    "gradient_norm",
    "images_per_second",
    "seconds",
    "held_out_loss",
    "snapshot",
)
"""loss, gradient_norm: means since the line before; seconds: of training, over all starts; snapshot: its file."""


class Log:
    """Appends lines to log.csv; `until` is the step to go on from, and lines after it go."""

    def __init__(self, path: Path, until: int) -> None:
        kept = [row for row in read_log(path) if int(row["step"]) <= until] if path.exists() else []
        with replacing(path) as temporary:
            temporary.write_text("".join(map(_line, [dict(zip(COLUMNS, COLUMNS, strict=True)), *kept])), "utf-8")
        self.path = path

    def add(self, row: Mapping[str, Any]) -> None:
        """A line, in the file when this returns."""
        with self.path.open("a", encoding="utf-8", newline="") as file:
            file.write(_line(row))


def read_log(path: Path) -> list[dict[str, str]]:
    """The lines of a log as texts by column; a last line cut short by a kill is left out."""
    text = path.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    rows = csv.DictReader(io.StringIO(whole, newline=""))
    return [row for row in rows if row["step"].isdigit() and row.get("snapshot") is not None]


def _line(row: Mapping[str, Any]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(_text(row.get(name)) for name in COLUMNS)
    return buffer.getvalue()


def _text(value: Any) -> str:
    """Numbers with all the digits that tell them apart; nothing for None."""
    return "" if value is None else str(value)
