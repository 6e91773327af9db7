"""What things are called in a deck."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def node(kind: str, layer: int, channel: int, row: int, column: int) -> str:
    """The node of a cell: kind `v` (state), `y` (output), `yn` (its inverted copy), `x` (memristor state), `u` (input).

    Layers, channels, rows and columns count from 0.
    """
    return f"{kind}_{layer}_{channel}_{row}_{column}"


def nodes(kind: str, layer: int, shape: tuple[int, int, int]) -> list[str]:
    """The nodes of a layer in the order of an array (channels, rows, columns)."""
    return [node(kind, layer, *place) for place in np.ndindex(*shape)]


def parameter_names(given: Iterable[str], prefix: str) -> dict[str, str]:
    """Names for parameters in a deck, where capitals do not count: `A` beside `a` becomes `p_a_2`."""
    names: dict[str, str] = {}
    for name in given:
        plain = f"{prefix}{name.lower()}"
        known, number = set(names.values()), 2
        unique = plain
        while unique in known:
            unique, number = f"{plain}_{number}", number + 1
        names[name] = unique
    return names


def identifier(text: str) -> str:
    """Text as the name of a subcircuit: letters, digits and underscores."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in text)
