"""How large a deck is."""

from __future__ import annotations

from functools import cache

_TERMINALS = {**dict.fromkeys("rclvib", 2), **dict.fromkeys("egs", 4)}
"""Nodes of the elements that our decks hold, by their first letter."""


def size_of(deck: str) -> tuple[int, int]:
    """Nodes, ground left out, and elements of a deck of ours, its subcircuits expanded."""
    levels: dict[str, list[list[str]]] = {"": []}
    pins: dict[str, set[str]] = {"": {"0"}}
    level = ""
    for line in deck.lower().replace("\n+", " ").splitlines()[1:]:  # the first line is the title
        words = line.split()
        if words[:1] == [".subckt"]:
            level = words[1]
            levels[level], pins[level] = [], {"0", *(word for word in words[2:] if "=" not in word)}
        elif words[:1] == [".ends"]:
            level = ""
        elif words and words[0][0].isalpha():
            levels[level].append(words)

    @cache
    def expanded(level: str) -> tuple[int, int]:
        nodes, elements = 0, 0
        found: set[str] = set()
        for words in levels[level]:
            if words[0][0] == "x":
                called = next(k for k, word in enumerate(words) if k and word in levels)
                within = expanded(words[called])
                nodes, elements = nodes + within[0], elements + within[1]
            else:
                called, elements = _TERMINALS[words[0][0]] + 1, elements + 1
            found.update(words[1:called])
        return nodes + len(found - pins[level]), elements

    return expanded("")
