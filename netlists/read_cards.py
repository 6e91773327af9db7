"""The models of device cards: their parameters' names, and how they become those of the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..devices.errors import InputError
from .read_lines import Line, spice_number

Note = Callable[[str], None]


def plain(name: str) -> str:
    """A parameter's name without what cards do not agree on: capitals and underscores."""
    return name.lower().replace("_", "")


@dataclass
class Values:
    """The parameters of one subcircuit, by their plain names."""

    line: Line
    name: str
    texts: dict[str, str] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add(self, line: Line) -> None:
        """The assignments of a line; a later one counts."""
        for word in line.words:
            name, equals, text = word.partition("=")
            if equals:
                self.texts[plain(name)], self.spelled[plain(name)], self.lines[plain(name)] = text, name, line

    def add_default(self, line: Line) -> None:
        """Those of a line outside of the subcircuit, where it has none of its own; they need not be understood."""
        for word in line.words:
            name, equals, text = word.partition("=")
            if equals and plain(name) not in self.texts:
                self.texts[plain(name)], self.spelled[plain(name)], self.lines[plain(name)] = text, name, line
                self.used.add(plain(name))

    def first(self, names: tuple[str, ...]) -> str | None:
        """The first of the names that the card has."""
        return next((name for name in names if name in self.texts), None)

    def line_of(self, *names: str) -> int:
        """The number of the line where one of the names stands, else of the .subckt line."""
        return next((self.lines[name].number for name in names if name in self.lines), self.line.number)

    def number(self, names: tuple[str, ...]) -> float | None:
        """The value under one of the names; it may be that of another parameter, as in `w_off={D}`. None without one.

        Raises InputError for an expression.
        """
        name = self.first(names)
        if name is None:
            return None
        self.used.add(name)
        seen = {name}
        while True:
            text = self.texts[name].strip("{}'\"()")
            value = spice_number(text)
            if value is not None:
                return value
            if plain(text) not in self.texts or plain(text) in seen:
                hint = "1M is 1e-3 in SPICE, 1Meg 1e6; expressions are not worked out: put the number in"
                error = InputError(self.spelled[name], self.texts[name], "a number, as SPICE writes it", hint)
                raise error.in_file(f"line {self.line_of(name)}")
            name = plain(text)
            seen.add(name)
            self.used.add(name)


@dataclass(frozen=True)
class CardModel:
    """A model that cards are written for: how it is recognised, and what it becomes."""

    title: str
    required: tuple[tuple[str, ...], ...]
    """The parameters it must have, each by the plain names it goes by."""
    looked_for: tuple[str, ...]
    """The same as cards spell them."""
    convert: Callable[[Values, Note], dict[str, Any]]

    def missing(self, values: Values) -> list[str]:
        """What the card lacks."""
        return [
            shown for shown, names in zip(self.looked_for, self.required, strict=True) if values.first(names) is None
        ]

    def fits(self, values: Values) -> bool:
        """Whether the card has all of them."""
        return not self.missing(values)


def _needed(values: Values, names: tuple[str, ...]) -> float:
    value = values.number(names)
    assert value is not None  # the card was recognised by having it
    return value


def _with_x0(values: Values, section: dict[str, Any], x0: float | None) -> dict[str, Any]:
    if x0 is None:
        return section
    if not 0 <= x0 <= 1:
        raise InputError("x0", x0, "a start within the state's range, 0 (OFF) to 1 (ON)", values.name)
    return {**section, "x0": x0}


YAKOPCIC = ("a1", "a2", "b", "Vp", "Vn", "Ap", "An", "xp", "xn", "alphap", "alphan")


def _yakopcic(values: Values, note: Note) -> dict[str, Any]:
    """The card's names are the paper's and ours, all in SI units."""
    parameters = {name: _needed(values, (name.lower(),)) for name in YAKOPCIC}
    eta = values.number(("eta",))
    if eta is None:
        note(f"{values.name}: no eta; 1 is taken, a positive voltage turns the device ON")
    parameters["eta"] = 1.0 if eta is None else eta
    section = {"model": "yakopcic", "parameters": parameters}
    return _with_x0(values, section, values.number(("xo", "x0", "xinit")))


_W_ON, _W_OFF = ("won", "xon"), ("woff", "xoff")


def _vteam(values: Values, note: Note) -> dict[str, Any]:
    """The state w of a card runs from w_on to w_off; where w_on is the larger, rates count the other way round.

    x = (w_off - w) / (w_off - w_on) makes dx/dt = -(dw/dt) / (w_off - w_on): D is |w_off - w_on|, and the sign goes
    to k_on and k_off (eqs. 1 and 5 of the paper).
    """
    on, off = values.number(_W_ON), values.number(_W_OFF)
    length = values.number(("d",))
    if on is not None and off is not None:
        if on == off:
            raise InputError(values.name, off, "a w_off that is not w_on", file=f"line {values.line.number}")
        span = off - on
        if length is not None and abs(span) != length:
            note(f"{values.name}: the state runs from w_on to w_off, over {abs(span):g}; D={length:g} is not used")
    elif length is None:
        raise InputError(
            values.name, ", ".join(values.spelled.values()), "D, or both w_on and w_off (x_on and x_off)",
            "the length the state runs over", f"line {values.line.number}",
        )  # fmt: skip
    else:
        on = 0.0 if on is None else on
        off = on + length if off is None else off
        on, span = off - length, length
    # a state without unit, such as 0 to 1: only rates over the length count, and a nanometre keeps them in range
    scale = 1e-9 if abs(span) > 1e-3 else 1.0
    sign = scale if span > 0 else -scale
    parameters = {name: _needed(values, names) for name, names in _VTEAM_NAMES.items()}
    parameters = {
        "R_on": parameters.pop("R_on"),
        "R_off": parameters.pop("R_off"),
        "D": scale * abs(span),
        **parameters,
    }
    parameters["k_on"], parameters["k_off"] = sign * parameters["k_on"], sign * parameters["k_off"]
    relation = values.number(("ivrelation", "iv"))
    if relation:
        hint = "1 is the exponential one, which the library does not have"
        raise InputError(f"{values.name}.{values.spelled['ivrelation']}", relation, "0: the linear i(v)", hint)
    window = values.number(("windowtype", "window"))
    if window:
        note(f"{values.name}: its window is left out; here the state is held at its ends, and f = 1 between")
    start = values.number(("winit", "xinit", "w0", "x0", "wo", "xo", "winitial", "xinitial"))
    section = {"model": "vteam", "parameters": parameters}
    return _with_x0(values, section, None if start is None else (off - start) / span)


_VTEAM_NAMES = {
    "R_on": ("ron",),
    "R_off": ("roff",),
    "k_off": ("koff",),
    "k_on": ("kon",),
    "v_off": ("voff", "vtoff"),
    "v_on": ("von", "vton"),
    # a_on and a_off alone are exponents; beside alpha_on they belong to a window
    "a_off": ("alphaoff", "aoff"),
    "a_on": ("alphaon", "aon"),
}

MODELS = (
    CardModel("Yakopcic", tuple((name.lower(),) for name in YAKOPCIC), YAKOPCIC, _yakopcic),
    CardModel(
        "VTEAM",
        tuple(_VTEAM_NAMES.values()),
        ("R_on", "R_off", "k_off", "k_on", "v_off", "v_on", "alpha_off", "alpha_on"),
        _vteam,
    ),
)
