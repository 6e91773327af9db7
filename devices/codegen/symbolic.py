"""Sympy functions with derivatives that are finite everywhere, and the tracing of equations.

sympy's own Min, Max and sqrt differentiate to Heaviside steps and 1/0; these do not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

import sympy
from sympy import Expr, Function, Symbol

T = TypeVar("T")


class at_least(Function):  # noqa: N801
    """1 where a >= b, 0 elsewhere: the slope of the two below. Its own is 0."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        return sympy.Integer(0)


class maximum(Function):  # noqa: N801  (printed by this name in every backend)
    """The larger of two."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        a, b = self.args
        return at_least(a, b) if argindex == 1 else 1 - at_least(a, b)


class minimum(Function):  # noqa: N801
    """The smaller of two."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        a, b = self.args
        return at_least(b, a) if argindex == 1 else 1 - at_least(b, a)


class root(Function):  # noqa: N801
    """sqrt |z|, derivative 0 at z = 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        (z,) = self.args
        return sympy.sign(z) / (2 * root(maximum(sympy.Abs(z), sympy.Float(1e-30))))


class power(Function):  # noqa: N801
    """|base|^exponent; derivative by the base 0 at base 0."""

    nargs = 2

    def fdiff(self, argindex: int = 1) -> Expr:
        base, exponent = self.args
        if argindex == 1:
            # held off 0, where an exponent below 1 would give 0 * inf
            return exponent * sympy.sign(base) * power(maximum(sympy.Abs(base), sympy.Float(1e-30)), exponent - 1)
        # base^e ln base -> 0 as base -> 0
        return power(base, exponent) * sympy.log(maximum(sympy.Abs(base), sympy.Float(1e-30)))


def symbols(names: Sequence[str]) -> list[Symbol]:
    """Real symbols of the given names."""
    return [Symbol(name, real=True) for name in names]


def symbolic_instance(owner: T, prefix: str = "") -> tuple[T, list[Symbol]]:
    """A copy of a frozen dataclass instance whose parameters are symbols, and these symbols.

    Fields that are components with parameters of their own (a cell's memristor) are copied likewise,
    their parameters named `memristor_Gm`: the order and names of `parameter.flat_parameters`.
    """
    twin = object.__new__(type(owner))
    arguments = []
    for field in dataclasses.fields(owner):  # type: ignore[arg-type]
        value = getattr(owner, field.name)
        if "parameter" in field.metadata:
            value = Symbol(prefix + field.name, real=True)
            arguments.append(value)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            value, inner = symbolic_instance(value, f"{prefix}{field.name}_")
            arguments += inner
        object.__setattr__(twin, field.name, value)
    return twin, arguments


def derivative(expression: Any, by: Symbol) -> Expr:
    """The exact derivative; kinks take the slope of one side."""
    result = sympy.diff(sympy.sympify(expression), by)
    # |z|' is printed as sign(z); what else sympy leaves undone would be a bug of ours
    if result.has(sympy.Derivative, sympy.Heaviside, sympy.DiracDelta):
        raise TypeError(f"no closed derivative of {expression} by {by}: {result}")
    return result
