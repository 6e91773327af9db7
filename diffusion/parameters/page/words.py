"""How measured numbers are put in words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

Interval = Sequence[float]
WIDTH = 120


def paragraph(*parts: str) -> list[str]:
    """Lines of sentences."""
    return textwrap.wrap(" ".join(parts), WIDTH, break_long_words=False, break_on_hyphens=False)


def item(*parts: str) -> list[str]:
    """A point of a list."""
    text = f"- {' '.join(parts)}"
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def sentence(text: str) -> str:
    """With a capital letter and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown."""
    lines = [headings, ("---",) * len(headings), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def within(interval: Interval, form: str = "+.4f") -> str:
    """An interval in brackets."""
    low, high = interval
    return f"({low:{form}} to {high:{form}})"


def at_least(interval: Interval) -> str:
    """Whether a difference that should not be below 0 is, by its interval."""
    low, high = interval
    if low > 0:
        return "reached: they are better, by more than the interval"
    if high < 0:
        return "missed: they are worse, by more than the interval"
    return "reached within the interval: there is no difference that these digits can tell"


def below(interval: Interval) -> str:
    """Whether a difference that should be below 0 is, by its interval."""
    low, high = interval
    if high < 0:
        return "reached"
    if low > 0:
        return "missed, and clearly so: the difference is above 0"
    return "missed: there is no difference that the interval can tell from 0"
