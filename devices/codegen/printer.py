"""Expressions as source text of a function that numba compiles, or that torch or numpy runs.

The text calls `exp`, `where`, `maximum`, ... by bare names; each backend brings a namespace that
defines them (`numba_namespace`, `torch_namespace`). Choices are computed on both sides: an `if` would keep loops over
cells from vectorising, and tensors have none.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from typing import Any

import sympy
from sympy.printing.str import StrPrinter

from .branches import merge_branches
from .passing import passed


class SourcePrinter(StrPrinter):
    """Prints a sympy expression as Python source; unknown functions are an error."""

    functions = {
        "exp", "sinh", "cosh", "tanh", "sin", "cos", "log", "root", "power", "maximum", "minimum",
        "at_least", "sign",
    }  # fmt: skip

    def __init__(self, like: Sequence[str] = (), constants: Sequence[str] = (), number: str = "{}") -> None:
        super().__init__({"full_prec": False})
        self.like = "".join(f", {name}" for name in like)
        self.constants = set(constants)
        self.number = number

    def is_constant(self, expr: Any) -> bool:
        """Whether the expression is the same for all cells of a loop."""
        return all(symbol.name in self.constants for symbol in expr.free_symbols)

    def _print_Mul(self, expr: Any) -> str:
        """What all cells share comes first, in brackets: the compiler takes it out of the loop, divisions above all."""
        shared = [a for a in expr.args if a.free_symbols and self.is_constant(a)]
        rest = [a for a in expr.args if a not in shared]
        if not shared or not rest:
            return str(super()._print_Mul(expr))
        if len(shared) == 1 and shared[0].is_Symbol:
            return str(super()._print_Mul(expr))
        sign = "-" if -1 in rest else ""
        rest = [a for a in rest if a != -1]
        product = super()._print_Mul(sympy.Mul(*shared, evaluate=False)) if len(shared) > 1 else self._print(shared[0])
        if not rest:
            return f"{sign}({product})"
        other = super()._print_Mul(sympy.Mul(*rest, evaluate=False)) if len(rest) > 1 else f"({self._print(rest[0])})"
        return f"{sign}({product})*{other}"

    def _print_Function(self, expr: Any) -> str:
        name = expr.func.__name__
        if name not in self.functions:
            raise TypeError(f"no backend knows the function {name}")
        return f"{name}({', '.join(self._print(argument) for argument in expr.args)})"

    def _print_Abs(self, expr: Any) -> str:
        return f"absolute({self._print(expr.args[0])})"

    def _print_exp(self, expr: Any) -> str:
        return f"exp({self._print(expr.args[0])})"

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.as_base_exp()
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self._print(base)})"
        if exponent == -1:
            return f"{self.number.format('1.0')}/({self._print(base)})"
        if exponent.is_Integer:
            power = "*".join([f"({self._print(base)})"] * abs(int(exponent)))
            if abs(int(exponent)) <= 4:
                return f"({power})" if exponent > 0 else f"{self.number.format('1.0')}/({power})"
        return f"({self._print(base)})**({self._print(exponent)})"

    def _print_Integer(self, expr: Any) -> str:
        return self.number.format(f"{int(expr)}.0")

    def _print_Rational(self, expr: Any) -> str:
        return self.number.format(repr(float(expr)))

    def _print_Float(self, expr: Any) -> str:
        return self.number.format(repr(float(expr)))

    def _print_Piecewise(self, expr: Any) -> str:
        *pieces, (last, always) = expr.args
        if always != sympy.true:
            raise TypeError(f"a piecewise equation without an otherwise: {expr}")
        text = self._print(last)
        for value, condition in reversed(pieces):
            yes, test = self._print(value), self._print(condition)
            text = f"where({test}, {yes}, {text}{self.like})"
        return text

    def _print_Relational(self, expr: Any) -> str:
        return f"({self._print(expr.lhs)}) {expr.rel_op} ({self._print(expr.rhs)})"

    def _join_conditions(self, expr: Any, joint: str) -> str:
        return f" {joint} ".join(f"({self._print(part)})" for part in expr.args)

    def _print_And(self, expr: Any) -> str:
        return self._join_conditions(expr, "&")

    def _print_Or(self, expr: Any) -> str:
        return self._join_conditions(expr, "|")


def emit_function(
    name: str,
    arguments: Sequence[str],
    expressions: Sequence[Any],
    *,
    tensors: bool = False,
    decorator: str = "",
    constants: Sequence[str] = (),
    number: str = "{}",
    parameters: Sequence[str] = (),
) -> str:
    """The source of `def name(arguments)` that returns the expressions (a tuple if several).

    Common subexpressions are computed once; `constants` are the arguments that are the same in all turns of a loop;
    `number` is how a number is written, such as `float32({})`. `parameters` are those of the arguments that come as
    `passed` says.
    Raises TypeError for a name that is no plain identifier.
    """
    for word in (name, *arguments):
        if not word.isidentifier() or keyword.iskeyword(word) or word.startswith("__"):
            raise TypeError(f"{word!r} cannot be the name of an argument")
    # for tensors, a choice between two plain numbers takes its precision from the first arguments
    printer = SourcePrinter(arguments[:2] if tensors else (), constants, number)
    temporaries = sympy.numbered_symbols("t_", real=True)
    shared, results = sympy.cse([merge_branches(e) for e in expressions], symbols=temporaries, order="none")
    lines = [decorator] if decorator else []
    packed = passed(parameters) != ", ".join(parameters)
    listed = [word for word in arguments if word not in parameters] + ["p_"] if packed else arguments
    lines.append(f"def {name}({', '.join(listed)}):")
    if packed:
        lines.append(f"    {', '.join(parameters)} = p_")
    for symbol, value in shared:
        lines.append(f"    {symbol} = {printer.doprint(value)}")
        if constants and printer.is_constant(value):
            printer.constants.add(symbol.name)
    lines.append("    return " + ", ".join(printer.doprint(result) for result in results))
    return "\n".join(lines) + "\n"
