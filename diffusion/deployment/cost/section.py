"""The report's part on energy and time."""

from __future__ import annotations

from typing import Any


def section(content: dict[str, Any]) -> str:
    """HTML."""
    return ""
