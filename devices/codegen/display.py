"""A memristor's equations to be read by people: as lines of text and as LaTeX."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from ..functions import EXPONENT_LIMIT
from ..memristor import Memristor
from . import symbolic

BOUNDS = f"x is held to [0, 1] and every exponent to +-{EXPONENT_LIMIT:g}"


@dataclass(frozen=True)
class DisplayedEquations:
    """i [A] and dx/dt [1/s]: each a list of (expression, condition) lines, and LaTeX."""

    current: list[tuple[str, str]]
    rate: list[tuple[str, str]]
    current_latex: str
    rate_latex: str


def displayed_equations(device: Memristor) -> DisplayedEquations:
    """The equations as in the paper: without the bounds, which `BOUNDS` puts into words."""
    twin, _ = symbolic.symbolic_instance(device)
    v, x = symbolic.symbols(["v", "x"])
    current, rate = (_unbounded(equation(v, x)) for equation in (twin.current, twin.rate))
    return DisplayedEquations(_lines(current), _lines(rate), sympy.latex(current), sympy.latex(rate))


def _unbounded(expression: Any) -> Any:
    """Without the clipping of exponents, and with |v| spelled out."""
    limit = EXPONENT_LIMIT

    def is_clip(e: Any) -> bool:
        return (
            isinstance(e, symbolic.minimum)
            and e.args[1] == limit
            and isinstance(e.args[0], symbolic.maximum)
            and e.args[0].args[1] == -limit
        )

    expression = sympy.sympify(expression).replace(is_clip, lambda e: e.args[0].args[0])
    expression = expression.replace(symbolic.root, lambda z: sympy.sqrt(sympy.Abs(z)))
    expression = expression.replace(symbolic.power, lambda b, e: sympy.Abs(b) ** e)
    expression = expression.replace(symbolic.maximum, sympy.Function("max"))
    return expression.replace(symbolic.minimum, sympy.Function("min"))


def _lines(expression: Any) -> list[tuple[str, str]]:
    if not isinstance(expression, sympy.Piecewise):
        return [(_text(expression), "")]
    return [
        (_text(value), "otherwise" if condition == sympy.true else f"for {_text(condition)}")
        for value, condition in expression.args
    ]


class _Reader(StrPrinter):
    """Text for people: a piecewise factor as `{a for condition, b otherwise}`."""

    def _print_Piecewise(self, expr: Any) -> str:
        parts = [
            f"{self._print(value)} " + ("otherwise" if condition == sympy.true else f"for {self._print(condition)}")
            for value, condition in expr.args
        ]
        return "{" + ", ".join(parts) + "}"


def _text(expression: Any) -> str:
    named = expression.replace(lambda e: e.is_Float and abs(float(e) - math.pi) < 1e-15, lambda e: sympy.pi)
    return _Reader({"full_prec": False}).doprint(named).replace("**", "^")
