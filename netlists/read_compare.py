"""Whether a deck is what a spec says: every element of it against those of the spec's own netlist."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from ..devices.errors import MISSING, InputError
from .read_layers import tap_weight
from .read_lines import NUMBER, Instance, Line, Netlist, Subcircuit, spice_number

# a sign belongs to a number where it cannot be a difference
_NUMBER = re.compile(rf"(?<![\w.)}}])[-+]?(?<![\w.]){NUMBER}")
CLOSE = 1e-12
"""Numbers as near as this are the same: edited volts divided by V1 and multiplied again."""
_INPUT = re.compile(r"vun?_0_[0-9]+_[0-9]+_[0-9]+")


def compare(deck: Netlist, own: Netlist, note: Callable[[str], None]) -> None:
    """InputError for the first element of the deck that the spec's own netlist does not have so.

    The loading of op-amp cells, which a spec implies, may differ: `note` is told.
    """
    for name, wanted in own.subcircuits.items():
        given = deck.subcircuit(name)
        if name.startswith("template_"):
            _compare_templates(given, wanted, note)
        elif given.pins != wanted.pins:
            raise given.line.error(" ".join(given.pins), f"the pins {' '.join(wanted.pins)}")
        else:
            _compare_parameters(given.line, given.parameters, wanted.parameters)
            _compare_elements(given.elements, wanted.elements, given)
    _compare_cells(deck, own)
    _compare_elements(_others(deck), _others(own), None)


def _others(netlist: Netlist) -> dict[str, Line]:
    """Elements outside of subcircuits that are no instances, and no inputs: those were read, or nothing reads them."""
    return {
        name: line for name, line in netlist.elements.items() if not name.startswith("x") and not _INPUT.fullmatch(name)
    }


def _compare_cells(deck: Netlist, own: Netlist) -> None:
    """The instances of cells and templates, and the inputs they read."""
    for name, line in own.elements.items():
        if _INPUT.fullmatch(name):
            _compare_line(deck.element(line.name, "the source of an input"), line)
        if not name.startswith("x"):
            continue
        given, wanted = Instance.of(deck.element(line.name, "an instance")), Instance.of(line)
        if given.subcircuit != wanted.subcircuit:
            hint = "in a spec all cells are equal"
            raise given.line.error(given.subcircuit, f"the subcircuit {wanted.subcircuit}", hint)
        sub = deck.subcircuit(given.subcircuit)
        if len(given.nodes) != len(sub.pins):
            raise given.line.error(f"{len(given.nodes)} nodes", f"{len(sub.pins)}: {' '.join(sub.pins)}")
        at = dict(zip(sub.pins, given.nodes, strict=True))
        for pin, node in zip(own.subcircuits[wanted.subcircuit].pins, wanted.nodes, strict=True):
            if at[pin] != node:
                raise given.line.error(at[pin], f"the node {node} at the pin {pin}", "in a spec all cells are equal")
        _compare_parameters(given.line, given.parameters, wanted.parameters)
    for name, line in deck.elements.items():
        if name.startswith("x") and name not in own.elements:
            raise line.error(line.text, "no such instance", "the line `* cellnn-deck:` says how many cells there are")


def _compare_templates(given: Subcircuit, wanted: Subcircuit, note: Callable[[str], None]) -> None:
    """Elements of a channel's template: a weight of 0 is none, and resistors that make up for loading may differ."""
    elements = {name: line for name, line in given.elements.items() if not _is_zero(line)}
    rest = [_text(sub.elements["rrest"]) if "rrest" in sub.elements else "none" for sub in (given, wanted)]
    if not _same(*rest):
        note(
            f"{given.line.words[1]}: the resistor that makes up for the weights of other channels, Rrest, is "
            f"{rest[0].split(' ')[-1]} in the deck; the spec's own is {rest[1].split(' ')[-1]}"
        )
    own = {name: line for name, line in wanted.elements.items() if name != "rrest"}
    elements.pop("rrest", None)
    _compare_elements(elements, own, given)
    for pin in wanted.pins:
        if pin not in given.pins:
            raise given.line.error(MISSING, f"the pin {pin}")


def _is_zero(line: Line) -> bool:
    return line.name[:2].lower() in ("ga", "gb") and tap_weight(line) == 0


def _compare_elements(given: dict[str, Line], wanted: dict[str, Line], sub: Subcircuit | None) -> None:
    where = f" in .subckt {sub.name}" if sub else ""
    for name, line in wanted.items():
        if name not in given:
            error = InputError(line.name, MISSING, f"this element{where}: {line.text}", "the deck has lost it")
            raise error.in_file(f"line {sub.line.number}") if sub else error
        _compare_line(given[name], line)
    for name, line in given.items():
        if name not in wanted:
            raise line.error(line.text, f"no such element{where}", "a spec cannot say it")


def _compare_line(given: Line, wanted: Line) -> None:
    if not _same(_text(given), _text(wanted)):
        raise given.error(given.text, wanted.text, "a spec cannot say it otherwise")


def _compare_parameters(line: Line, given: dict[str, str], wanted: dict[str, str]) -> None:
    for name, value in wanted.items():
        if name not in given:
            raise line.error(MISSING, f"the parameter {name}={value}")
        if not _same(given[name].lower(), value.lower()):
            raise line.error(f"{name}={given[name]}", f"{name}={value}", "as the rest of the deck implies")
    for name in given:
        if name not in wanted:
            raise line.error(f"{name}={given[name]}", "no such parameter", "a spec cannot say it")


def _text(line: Line) -> str:
    words = line.text.lower().split(" ")
    return " ".join(word for word in words if word != "dc")


def _same(given: str, wanted: str) -> bool:
    """Whether two texts are equal but for how numbers are written."""
    if given == wanted:
        return True
    if _NUMBER.sub("#", given) != _NUMBER.sub("#", wanted):
        return False
    return all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=CLOSE))
        for a, b in zip(_numbers(given), _numbers(wanted), strict=True)
    )


def _numbers(text: str) -> Iterator[float | None]:
    return (spice_number(form[0]) for form in _NUMBER.finditer(text))
