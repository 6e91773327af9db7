"""Progress of long work where there is no terminal: a line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from .output import Report, note, progress_bar

QUIET = 30.0
"""Seconds between two lines."""


class NowAndThen:
    """Says of what it is told only what comes `QUIET` seconds after the last."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def tell(self, text: str) -> None:
        """On stderr, or not at all."""
        now = time.monotonic()
        if now - self._told >= QUIET:
            self._told = now
            note(text)


@contextmanager
def shares() -> Iterator[Report]:
    """Shows the share of each piece of work that is done: bars on a terminal, elsewhere a line now and then."""
    with progress_bar() as bar:
        if bar is not None:
            yield bar
            return
        lines = NowAndThen()
        yield lambda name, done: lines.tell(f"{name}: {done:.0%}")
