"""How generated functions are called."""

from __future__ import annotations

from collections.abc import Sequence

MANY = 20


def passed(parameters: Sequence[str]) -> str:
    """How a call passes parameters: one by one; many of them as a tuple, as Python turns calls with more than 30
    arguments into something numba does not inline."""
    joined = ", ".join(parameters)
    return joined if len(parameters) <= MANY else f"({joined})"
