"""Spans of time in configs: `20min`, `1.5h`, `90s`, or a bare number of seconds."""

from __future__ import annotations

import math
import re
from typing import Any

from pydantic import BeforeValidator

from ...devices.errors import InputError

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)\s*(" + "|".join(SECONDS) + ")")


def parse_duration(value: Any) -> float | None:
    """Seconds; None for null, which stands for no limit. Raises InputError for anything else.

    Not as other quantities are read: to those `min` is a thousandth of an inch.
    """
    if value is None:
        return None
    seconds = math.nan
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = float(value) if abs(value) < 1e300 else math.inf
    elif isinstance(value, str) and (form := _FORM.fullmatch(value.strip())):
        seconds = float(form[1]) * SECONDS[form[2]]
    if not 0.0 < seconds < 1e9:
        raise InputError("", value, "a span of time above zero, such as 20min, 90s or 1.5h")
    return seconds


def show_duration(seconds: float) -> str:
    """`41 s`, `12 min`, `1 h 05 min`: as long as a reader wants to know it."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


Duration = BeforeValidator(parse_duration)
"""A field that takes a span of time, or null."""
