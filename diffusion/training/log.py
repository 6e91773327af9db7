"""log.csv: what a run reported, a line at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...devices.errors import InputError
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
_STEP = re.compile(r"[0-9]{1,18}")


class Log:
    """Appends lines to log.csv; `until` is the step to go on from, and lines after it go."""

    def __init__(self, path: Path, until: int) -> None:
        kept = [row for row in read_log(path) if int(row["step"]) <= until] if path.exists() else []
        with replacing(path) as temporary:
            temporary.write_text("".join(map(_line, [dict(zip(COLUMNS, COLUMNS, strict=True)), *kept])), "utf-8")
        self.path = path

    def add(self, row: Mapping[str, Any]) -> None:
        """A line, in the file when this returns. Raises InputError when it cannot be written."""
        try:
            with self.path.open("a", encoding="utf-8", newline="") as file:
                file.write(_line(row))
        except OSError as error:
            raise InputError("", str(self.path), "a file that can be written", error.strerror or str(error)) from None


def read_log(path: Path) -> list[dict[str, str]]:
    """The lines of a log as texts by column; a last line cut short by a kill is left out.

    Raises InputError when it cannot be read, or is no log.
    """
    try:
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        rows = csv.DictReader(io.StringIO(whole, newline=""))
        if whole and not {"step", "snapshot"} <= set(rows.fieldnames or ()):
            raise ValueError("its first line names no step and no snapshot")
        return [row for row in rows if _STEP.fullmatch(row["step"] or "") and row["snapshot"] is not None]
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = f"{reason}; a run goes on without it when it is moved away"
        raise InputError("", path.name, "the log of a run, as cellnn writes it", hint, str(path)) from None


def _line(row: Mapping[str, Any]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(_text(row.get(name)) for name in COLUMNS)
    return buffer.getvalue()


def _text(value: Any) -> str:
    """Numbers with all the digits that tell them apart; nothing for None."""
    return "" if value is None else str(value)
