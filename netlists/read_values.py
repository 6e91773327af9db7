"""Values in a deck: the few forms in braces that our export writes, and the numbers that volts stand for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

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

    Two neighbouring doubles may have the same image, so what was written with up to 15 digits comes back, and of longer
    numbers one with this image.
    """
    if not math.isfinite(guess):
        return guess
    for digits in range(17):
        short = float(f"{guess:.{digits}e}")
        if forward(short) == target:
            return short
    return next((number for number in neighbours(guess) if forward(number) == target), guess)


def neighbours(number: float, count: int = 4) -> list[float]:
    """The doubles next to a number, on both sides, and itself."""
    near = [number]
    for direction in (math.inf, -math.inf):
        step = number
        for _ in range(count):
            step = math.nextafter(step, direction)
            near.append(step)
    return near


@dataclass
class Volts:
    """Voltages as multiples of V1; pictures have few different ones, so each is solved for once."""

    v1: float
    known: dict[float, float] = field(default_factory=dict)

    def normalised(self, volts: float) -> float:
        """The u with u V1 = volts."""
        if volts == 0:
            return volts  # with its sign
        if volts not in self.known:
            self.known[volts] = solve(lambda u: u * self.v1, volts, volts / self.v1)
        return self.known[volts]
