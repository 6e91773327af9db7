"""The text of a SPICE file, taken apart: lines, numbers, subcircuits and elements. Capitals do not count in SPICE."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..devices.errors import MISSING, InputError

SCALES = {"t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "mil": 25.4e-6, "m": 1e-3, "u": 1e-6, "\u00b5": 1e-6,
          "\u03bc": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}  # fmt: skip
NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[A-Za-z\u00b5\u03bc]*"
_NUMBER = re.compile(r"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)([A-Za-z\u00b5\u03bc]*)")


def spice_number(text: str) -> float | None:
    """The number SPICE reads, in base units: `1k`, `2.5meg`, `3n`, `115uA`; `1M` is a milli. None where it is
    none, and for `1a`, an atto in ngspice and one ampere in LTspice."""
    form = _NUMBER.fullmatch(text.strip())
    if form is None or form[2].lower().startswith("a"):
        return None
    letters = form[2].lower()
    prefix = next((p for p in ("meg", "mil", letters[:1]) if p and letters.startswith(p)), "")
    digits = float(form[1])
    scale = SCALES.get(prefix, 1.0)
    # 3n is 3e-09 to the last digit, which 3 * 1e-9 is not
    exponent = round(math.log10(scale))
    exact = "e" not in form[1].lower() and scale == float(f"1e{exponent}")
    value = float(f"{form[1]}e{exponent}") if exact else digits * scale
    return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Line:
    """A line with those that continue it, without comments, single blanks between words; `number` counts from 1."""

    number: int
    text: str

    @property
    def words(self) -> list[str]:
        """What blanks separate."""
        return self.text.split(" ")

    @property
    def name(self) -> str:
        """The first word: an element's name."""
        return self.words[0]

    def error(self, value: Any, expected: str, hint: str = "") -> InputError:
        """An InputError that names line and element."""
        return InputError(self.name, value, expected, hint, f"line {self.number}")

    def assignments(self) -> dict[str, str]:
        """The words NAME=VALUE, names in small letters."""
        pairs = (word.split("=", 1) for word in self.words if "=" in word)
        return {name.lower(): value for name, value in pairs}


def logical_lines(text: str) -> list[Line]:
    """The lines of a SPICE file that are no comments."""
    found: list[tuple[int, list[str]]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        plain = re.sub(r"(;|(^|\s)\$(\s|$)).*", "", raw.expandtabs()).strip()
        if plain.startswith("*") or not plain:
            continue
        if plain.startswith("+") and found:
            found[-1][1].append(plain[1:])
        else:
            found.append((number, [plain]))
    return [Line(number, _tidy(" ".join(parts))) for number, parts in found]


def _tidy(text: str) -> str:
    text = re.sub(r"\s*=\s*", "=", " ".join(text.split()))
    return re.sub(r"\{[^{}]*\}", lambda braces: braces[0].replace(" ", ""), text)


@dataclass
class Subcircuit:
    """A subcircuit: its pins, the default values of its parameters, its elements by name."""

    line: Line
    pins: list[str]
    parameters: dict[str, str]
    elements: dict[str, Line] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name, in small letters."""
        return self.line.words[1].lower()


@dataclass
class Instance:
    """An X line, its nodes by the pins of its subcircuit."""

    line: Line
    subcircuit: str
    nodes: list[str]
    parameters: dict[str, str]

    @classmethod
    def of(cls, line: Line) -> Instance:
        """The nodes and parameters of the line."""
        plain = [word.lower() for word in line.words if "=" not in word]
        if len(plain) < 2:
            raise line.error(line.text, "an instance: X... NODES SUBCIRCUIT")
        return cls(line, plain[-1], plain[1:-1], line.assignments())


@dataclass
class Netlist:
    """What stands in a deck, by names in small letters: .param values, subcircuits, elements outside of them (.model
    lines too), and the .tran line."""

    parameters: dict[str, tuple[Line, str]] = field(default_factory=dict)
    subcircuits: dict[str, Subcircuit] = field(default_factory=dict)
    elements: dict[str, Line] = field(default_factory=dict)
    transient: Line | None = None

    def subcircuit(self, name: str) -> Subcircuit:
        """The subcircuit; InputError without one."""
        if name not in self.subcircuits:
            raise InputError(f".subckt {name}", MISSING, "this subcircuit", "the deck has lost it")
        return self.subcircuits[name]

    def element(self, name: str, what: str) -> Line:
        """The element outside of subcircuits; InputError without one."""
        if name.lower() not in self.elements:
            raise InputError(name, MISSING, f"{what}, a line that starts with {name}", "the deck has lost it")
        return self.elements[name.lower()]


def read_netlist(text: str) -> Netlist:
    """A deck, taken apart; its first line is the title. Raises InputError for a line that does not fit."""
    netlist, inside = Netlist(), None
    for line in _commands(text):
        word = line.name.lower()
        if word == ".subckt":
            inside = subcircuit_header(line)
            _add(netlist.subcircuits, inside.name, inside, line)
        elif word == ".ends":
            inside = None
        elif word in (".include", ".inc", ".lib"):
            raise line.error(line.text, "a deck that stands alone", "put the file's content in its place")
        elif word == ".param":
            for name, value in line.assignments().items():
                netlist.parameters[name] = (line, value)
        elif word == ".tran":
            netlist.transient = line
        elif word == ".model":
            _add(netlist.elements, " ".join(line.words[:2]).lower(), line, line)
        elif not word.startswith("."):
            _add(inside.elements if inside else netlist.elements, word, line, line)
    return netlist


def _commands(text: str) -> Iterator[Line]:
    """The lines after the title, up to .end, but for the control language."""
    controlled = False
    for line in logical_lines(text):
        word = line.name.lower()
        if word == ".end":
            return
        controlled = controlled or word == ".control"
        if line.number > 1 and not controlled:
            yield line
        controlled = controlled and word != ".endc"


def subcircuit_header(line: Line) -> Subcircuit:
    """The .subckt line: pins, then parameters, perhaps after PARAMS:."""
    plain = [word.lower() for word in line.words if "=" not in word and word.lower() != "params:"]
    if len(plain) < 2:
        raise line.error(line.text, ".subckt NAME PINS PARAMETER=VALUE ..")
    return Subcircuit(line, plain[2:], line.assignments())


def _add(where: dict[str, Any], name: str, item: Any, line: Line) -> None:
    if name in where:
        raise line.error(line.name if name == line.name.lower() else name, "a name of its own", "it stands twice")
    where[name] = item
