"""Values in a deck: the few forms in braces that our export writes, and the numbers that volts stand for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np

from ..circuits.array import Array
from .read_lines import NUMBER, Line, spice_number

_N = rf"([-+]?{NUMBER})"
FORMS = {
    "NUMBER": re.compile(_N),
    "{NUMBER/cell_r}": re.compile(rf"\{{{_N}/cell_r\}}", re.I),
    "{NUMBER*v1/cell_r}": re.compile(rf"\{{{_N}\*v1/cell_r\}}", re.I),
    "{cell_r/NUMBER}": re.compile(rf"\{{cell_r/{_N}\}}", re.I),
    "{NUMBER*v1}": re.compile(rf"\{{{_N}\*v1\}}", re.I),
}


def value_of(line: Line, text: str, form: str = "NUMBER", hint: str = "") -> float:
    """The number in a text of this form; InputError, naming the line's element, for any other."""
    found = FORMS[form].fullmatch(text)
    value = spice_number(found[1]) if found else None
    if value is None:
        raise line.error(text, form if form != "NUMBER" else "a number", hint or "as `cellnn export` writes it")
    return value


def last_value(line: Line, form: str = "NUMBER") -> float:
    """The value at the end of an element's line."""
    return value_of(line, line.words[-1], form)


def source_value(line: Line) -> float:
    """The volts of a constant source: `Vname plus minus DC 0.2`."""
    words = line.words[3:]
    if words and words[0].lower() == "dc":
        words = words[1:]
    if len(words) != 1:
        raise line.error(" ".join(line.words[3:]), "DC NUMBER", "in a spec, inputs are constant")
    return value_of(line, words[0])


def solve(forward: Callable[[float], float], target: float, guess: float) -> float:
    """The number with the fewest digits near the guess that `forward` takes to the target exactly; the guess itself
    where none is (in a deck that was edited).

    Two neighbouring doubles may have the same image: what was written with up to 15 digits comes back.
    """
    if not math.isfinite(guess):
        return guess
    shorter = (float(f"{guess:.{digits}e}") for digits in range(17))
    return next((number for number in chain(shorter, neighbours(guess)) if forward(number) == target), guess)


def neighbours(number: float, count: int = 4) -> list[float]:
    """The doubles next to a number, on both sides, and itself."""
    near = [number]
    for direction in (math.inf, -math.inf):
        step = number
        for _ in range(count):
            step = math.nextafter(step, direction)
            near.append(step)
    return near


GREYS = tuple(
    dict.fromkeys(levels)
    for levels in ([k * (2.0 / 255.0) - 1.0 for k in range(256)], [1.0 - 2.0 * (k / 255.0) for k in range(256)])
)
"""What the pixels of data sets, and those of picture files, are: numbers of 17 digits."""


@dataclass(frozen=True)
class Volts:
    """Voltages as multiples of V1."""

    v1: float

    def normalised(self, volts: float) -> float:
        """The u with u V1 = volts; see `solve`."""
        return volts if volts == 0 else solve(lambda u: u * self.v1, volts, volts / self.v1)

    def planes(self, volts: Array) -> Array:
        """The same for many; where they are all greys of a picture, those."""
        known = {}
        for value in set(volts[~np.isnan(volts)].ravel().tolist()):
            known[value] = self.normalised(value)
        if any(len(repr(abs(u))) > 17 for u in known.values()):
            for greys in GREYS:
                back = {grey * self.v1: grey for grey in greys}
                if known.keys() <= back.keys():
                    known = back
                    break
        # a zero keeps its sign
        flat = [value if value == 0 or value != value else known[value] for value in volts.ravel().tolist()]
        return np.array(flat).reshape(volts.shape)
