"""Device cards: memristors that come as a SPICE subcircuit, as the `memristor` section of a spec.

What is read are a card's parameters. They name the model, whose equations are those of its paper; a window function or
another equation in the card is not compared.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from ..devices.errors import MISSING, InputError
from ..devices.registry import make_memristor
from .read_cards import MODELS, CardModel, Values, plain
from .read_lines import Line, logical_lines, subcircuit_header

Note = Callable[[str], None]


def read_card(text: str, note: Note | None = None) -> dict[str, Any]:
    """`model` and `parameters` in SI units, and `x0` where the card says it, of a Yakopcic or VTEAM card.

    `note` is called with what was not understood (without it: a UserWarning). Raises InputError for a card that is not
    recognised, naming the parameters looked for, and for values that the model does not take.
    """
    tell = note or (lambda message: warnings.warn(message, UserWarning, stacklevel=3))
    cards = _subcircuits(text)
    if not cards:
        expected = "a device card: .subckt NAME PINS, perhaps with parameters, up to .ends"
        raise InputError("", MISSING, expected)
    found = [(values, model) for values in cards for model in MODELS if model.fits(values)]
    if len(found) > 1:
        names = ", ".join(values.name for values, _ in found)
        raise InputError("", names, "one device card", "leave the others out of the file")
    if not found:
        raise _not_recognised(cards)
    values, model = found[0]
    for other in cards:
        if other is not values:
            tell(f"the subcircuit {other.name} was left out")
    section = model.convert(values, tell)
    unknown = [values.spelled[name] for name in values.texts if name not in values.used]
    if unknown:
        tell(f"{values.name}: not understood, and left out: {', '.join(unknown)}")
    try:
        make_memristor(section["model"], section["parameters"])
    except InputError as error:
        name = error.place.rpartition(".")[2]
        line = values.line_of(plain(name), plain(name).replace("a", "alpha", 1))
        raise InputError(f"{values.name}.{name}", error.value, error.expected, error.hint, f"line {line}") from None
    return section


def _not_recognised(cards: list[Values]) -> InputError:
    """The model that comes closest, and what it lacks."""
    lacks: Callable[[tuple[Values, CardModel]], int] = lambda pair: len(pair[1].missing(pair[0]))  # noqa: E731
    values, nearest = min(((values, model) for values in cards for model in MODELS), key=lacks)
    looked = "; or ".join(f"a {model.title} card with {', '.join(model.looked_for)}" for model in MODELS)
    missing = nearest.missing(values)
    near = len(missing) <= len(nearest.looked_for) // 2
    hint = (
        f"of those of {nearest.title}, {', '.join(missing)} were not found" if near else "write the equations as text"
    )
    shown = ", ".join(values.spelled.values()) or "no parameters"
    return InputError(values.name, shown, looked, hint, f"line {values.line.number}")


def _subcircuits(text: str) -> list[Values]:
    """The parameters of every subcircuit: on its .subckt line, on .param lines in it, and on those outside of all."""
    cards: list[Values] = []
    outside: list[Line] = []
    inside: Values | None = None
    for line in logical_lines(text):
        word = line.name.lower()
        if word == ".subckt":
            inside = Values(line, subcircuit_header(line).line.words[1])
            inside.add(line)
            cards.append(inside)
        elif word == ".ends":
            inside = None
        elif word in (".param", ".params", ".parameters"):
            if inside is None:
                outside.append(line)
            else:
                inside.add(line)
    for card in cards:
        for line in outside:
            card.add_default(line)
    return cards


def is_card(text: str) -> bool:
    """Whether a file looks like a card: it has a subcircuit."""
    return re.search(r"(?im)^\s*\.subckt\b", text) is not None
