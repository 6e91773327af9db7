"""Equations as behavioural sources: what they share becomes a node of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from PySpice.Spice.Netlist import SubCircuit

from ..devices.codegen.branches import merge_branches
from .printer import spice_text


def shared_sources(sub: SubCircuit, expressions: Sequence[Any], names: Mapping[str, str]) -> list[str]:
    """The texts of the expressions in a subcircuit. Subexpressions that are costly and used more than once are added as
    voltage sources to nodes `t_0`, `t_1`, ...: ngspice differentiates a text by every voltage in it, and evaluates what
    stands there twice twice."""
    temporaries = sympy.numbered_symbols("t_", real=True)
    shared, results = sympy.cse([merge_branches(e) for e in expressions], symbols=temporaries, order="none")
    names = dict(names)
    cheap: dict[Any, Any] = {}
    for symbol, value in shared:
        value = value.subs(cheap) if cheap else value
        if value.is_Boolean or not value.atoms(sympy.Function) or not _varies(value, names):
            cheap[symbol] = value
            continue
        sub.B(symbol.name, symbol.name, 0, voltage_expression=spice_text(value, names))
        names[symbol.name] = f"V({symbol.name})"
    return [spice_text(result.subs(cheap), names) for result in results]


def _varies(value: Any, names: Mapping[str, str]) -> bool:
    return any(names[symbol.name].startswith("V(") for symbol in value.free_symbols)
