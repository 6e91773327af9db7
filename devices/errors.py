"""The exceptions of cellnn: what a user did wrong, and what went wrong in a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class CellnnError(Exception):
    """Base of every exception cellnn raises on purpose."""


class InputError(CellnnError, ValueError):
    """The input is at fault: names the place, the value, what was expected and the likely fix.

    `place` is a dotted path as written in a spec (`cell.memristor.x0`), empty for a whole file.
    """

    def __init__(self, place: str, value: Any, expected: str, hint: str = "", file: str = "") -> None:
        self.place, self.value, self.expected, self.hint, self.file = place, value, expected, hint, file
        super().__init__(str(self))

    def at(self, prefix: str) -> InputError:
        """The same error, its place seen from further out (`x0` -> `cell.memristor.x0`)."""
        joint = "" if not self.place or not prefix or self.place.startswith("[") else "."
        return InputError(prefix + joint + self.place, self.value, self.expected, self.hint, self.file)

    def in_file(self, file: str) -> InputError:
        """The same error, naming the file (and line) it is in."""
        return InputError(self.place, self.value, self.expected, self.hint, file)

    def __str__(self) -> str:
        got = "" if self.value is MISSING else f"got {show(self.value)}; "
        places = "".join(f"{place}: " for place in (self.file, self.place) if place)
        text = f"{places}{got}expected {self.expected}"
        return f"{text} ({self.hint})" if self.hint else text


class SimulationError(CellnnError):
    """A run failed: the message says when, in which cell, and what to try."""


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()
"""The value of an InputError when there is no value to show."""


def show(value: Any, limit: int = 80) -> str:
    """A value as an error message shows it: on one line, its middle left out beyond `limit` characters."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python does not print whole numbers of more than 4300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= limit else f"{text[: limit // 2]}...{text[-limit // 2 + 3 :]}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest of the known names, or lists them when none is close."""
    name, names = str(name), sorted(known)
    folded = {candidate.lower(): candidate for candidate in names}
    cutoff = 0.5 if len(name) <= 3 else 0.6
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=cutoff)
    if close:
        return f"did you mean {folded[close[0]]}?"
    return f"known: {', '.join(names)}" if len(names) <= 12 else ""
