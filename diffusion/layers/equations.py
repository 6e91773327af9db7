"""A cell circuit's equations in normalised form, and their exact slopes, as expressions.

With s = v / V1 the state, d = (A*y + B*u + z V1) / V1 the drive and f(s) = y / V1 the output, all of order one:

    ds/dt = rate(d, s, x) [1/s]       dx/dt = g(d, s, x) [1/s]       (physics of `circuits.cells`, divided by V1)

The voltage across R of a second-order cell is in units of V1, too: it is the state w.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...circuits.cells import CellCircuit
from ...devices.codegen.modules import fingerprint
from ...devices.codegen.tracing import equations_fingerprint, generator_fingerprint

TRAINABLE = ("C", "L", "V1", "area")
"""The parameters of a cell by which there are slopes, where it has them."""


@dataclass(frozen=True)
class NormalisedCell:
    """Expressions in the symbols d, s, x (where there is a memristor) or w, and the parameters."""

    states: tuple[Any, ...]
    """s, and x or w."""
    parameters: tuple[str, ...]
    """In the order of `devices.parameter.flat_parameters`."""
    output: Any
    rates: tuple[Any, ...]
    output_slope: Any
    """f'(s)."""
    slopes: dict[tuple[int, str], Any]
    """The derivative of rate k by d, by a state or by a parameter of `TRAINABLE`; those that are 0 are left out."""


def slope_names(cell: CellCircuit) -> tuple[str, ...]:
    """What the rates are differentiated by: d, the states, and the trainable parameters the cell has."""
    return ("d", *state_names(cell), *(name for name in TRAINABLE if hasattr(cell, name)))


def state_names(cell: CellCircuit) -> tuple[str, ...]:
    """s, and x where there is a memristor, w where there is an inductor."""
    return ("s", *cell.states[1:])


def normalised_cell(cell: CellCircuit) -> NormalisedCell:
    """Call the cell's equations once with symbols (this is what needs sympy)."""
    import sympy

    from ...devices.codegen.branches import merge_branches
    from ...devices.codegen.symbolic import derivative, symbolic_instance, symbols

    twin, parameters = symbolic_instance(cell)
    V1 = next(symbol for symbol in parameters if symbol.name == "V1")
    d, *states = symbols(["d", *state_names(cell)])
    voltages = [name != "x" for name in cell.states]
    physical = [V1 * state if voltage else state for state, voltage in zip(states, voltages, strict=True)]
    # term by term, so that (V1 d - V1 s) / V1 becomes d - s
    normalised = [
        sympy.Add(*(sympy.factor_terms(term) / V1 for term in sympy.Add.make_args(rate))) if voltage else rate
        for rate, voltage in zip(twin.rates(V1 * d, *physical), voltages, strict=True)
    ]
    # merged before they are differentiated: the slopes then share the branches' exponentials
    rates = tuple(merge_branches(rate) for rate in normalised)
    output = sympy.sympify(twin.output(*physical)) / V1
    by = {symbol.name: symbol for symbol in (d, *states, *parameters)}
    slopes = {(k, name): derivative(rate, by[name]) for k, rate in enumerate(rates) for name in slope_names(cell)}
    return NormalisedCell(
        tuple(states),
        tuple(symbol.name for symbol in parameters),
        output,
        rates,
        derivative(output, states[0]),
        {place: slope for place, slope in slopes.items() if slope != 0},
    )


def equations_key(cell: CellCircuit, *parts: str) -> str:
    """Changes whenever the equations of the cell, or what turns them into code, may have."""
    generators: Sequence[bytes | str] = [generator_fingerprint(), *parts]
    return fingerprint("layers", *generators, *map(equations_fingerprint, cell.components))
