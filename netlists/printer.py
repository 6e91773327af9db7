"""Expressions as the text of a behavioural source in ngspice.

Checked against ngspice 39: powers and square roots have derivatives that are finite at 0 in its Newton iteration, and
bounds are min and max (`limit()` silently gives 0 there).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

TINY = "1e-30"


class SpicePrinter(StrPrinter):
    """Prints a traced equation; `names` says what a symbol is called in the deck: `V(a)`, `{cell_r}`."""

    functions = {"exp": "exp", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "sin": "sin", "cos": "cos", "log": "ln",
                 "maximum": "max", "minimum": "min", "sign": "sgn", "Abs": "abs"}  # fmt: skip

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__({"full_prec": False})
        self.names = names

    def _print_Symbol(self, expr: Any) -> str:
        return self.names[expr.name]

    def _print_Function(self, expr: Any) -> str:
        name = type(expr).__name__
        arguments = [self._print(argument) for argument in expr.args]
        if name == "root":
            return f"sqrt(max(abs({arguments[0]}),{TINY}))"
        if name == "power":
            return f"pow(max(abs({arguments[0]}),{TINY}),{arguments[1]})"
        if name == "at_least":
            return f"(({arguments[0]})>=({arguments[1]}) ? 1 : 0)"
        if name not in self.functions:
            raise TypeError(f"no such function in a deck: {expr}")
        return f"{self.functions[name]}({','.join(arguments)})"

    _print_exp = _print_Abs = _print_sign = _print_log = _print_Function

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = self._print(expr.base), expr.exp
        if exponent == sympy.Rational(1, 2):
            return f"sqrt(max({base},{TINY}))"
        if not exponent.is_Integer:
            return f"pow(max(abs({base}),{TINY}),{self._print(exponent)})"
        power = abs(int(exponent))
        odd = f"sgn({base})*" if power % 2 else ""
        # products: ngspice takes x^y as |x|^y
        product = "*".join([f"({base})"] * power) if power <= 16 else f"{odd}pow(max(abs({base}),{TINY}),{power})"
        return f"({product})" if exponent > 0 else f"(1/({product}))"

    def _print_Mul(self, expr: Any) -> str:
        return "*".join(f"({self._print(factor)})" for factor in expr.args)

    def _print_Add(self, expr: Any, order: Any = None) -> str:
        return "+".join(f"({self._print(term)})" for term in expr.args)

    def _print_Integer(self, expr: Any) -> str:
        return str(int(expr))

    def _print_Rational(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Piecewise(self, expr: Any) -> str:
        *pieces, (last, always) = expr.args
        if always != sympy.true:
            raise TypeError(f"a piecewise equation without an otherwise: {expr}")
        text = self._print(last)
        for value, condition in reversed(pieces):
            text = f"({self._print(condition)} ? {self._print(value)} : {text})"
        return text

    def _print_Relational(self, expr: Any) -> str:
        return f"(({self._print(expr.lhs)}){expr.rel_op}({self._print(expr.rhs)}))"

    def _print_And(self, expr: Any) -> str:
        return "(" + "&&".join(self._print(part) for part in expr.args) + ")"

    def _print_Or(self, expr: Any) -> str:
        return "(" + "||".join(self._print(part) for part in expr.args) + ")"

    def _print_Not(self, expr: Any) -> str:
        return f"(!{self._print(expr.args[0])})"


def spice_text(expression: Any, names: Mapping[str, str]) -> str:
    """The expression (or number) for a behavioural source. Raises TypeError for what has no such text."""
    return SpicePrinter(names).doprint(sympy.sympify(expression))
