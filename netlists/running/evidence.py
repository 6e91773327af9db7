"""Where the deck and the log of a run are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ...devices.errors import InputError
from ...devices.files import write_atomically
from .attempt import Attempt
from .errors import SpiceError
from .messages import tail


def check_folder(keep: Path) -> None:
    """Make the folder. Raises InputError when nothing can be written there."""
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("keep", str(keep), "a folder", error.strerror or str(error)) from None
    if not os.access(keep, os.W_OK):
        raise InputError("keep", str(keep), "a folder that can be written")


def write(folder: Path, text: str, attempt: Attempt) -> None:
    """Leave deck.cir and ngspice.log in the folder."""
    write_atomically(folder / "deck.cir", text.encode("utf-8"))
    write_atomically(folder / "ngspice.log", attempt.log.encode("utf-8"))


def failure(summary: str, text: str, attempt: Attempt, keep: Path | None) -> SpiceError:
    """The error for a run, its deck and log kept: in `keep`, else in a folder of their own."""
    folder = keep
    try:
        folder = Path(tempfile.mkdtemp(prefix="cellnn-ngspice-failed-")) if keep is None else keep
        write(folder, text, attempt)
    except (OSError, InputError):  # a full disk must not hide what went wrong before
        folder = None
    return SpiceError(summary, tail(attempt.log), folder)
