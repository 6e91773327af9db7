"""Branches that share their functions: one exponential with a chosen argument instead of one for each branch.

`a exp(p) for v < 0, b exp(q) otherwise` is the same as `where(v < 0, a, b) exp(where(v < 0, p, q))`. Over a whole array
both branches are computed, so this halves the cost of a rate such as Strachan's.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Mul, Piecewise

COSTLY = (sympy.exp, sympy.sinh, sympy.cosh, sympy.tanh)


def merge_branches(expression: Any) -> Expr:
    """The same values, with costly functions taken out of two-branch choices."""
    return sympy.sympify(expression).replace(_is_choice, _merge)


def _is_choice(expression: Any) -> bool:
    return isinstance(expression, Piecewise) and len(expression.args) == 2


def _merge(choice: Piecewise) -> Expr:
    (yes, condition), (no, _) = choice.args
    factors = []
    rests = [list(Mul.make_args(yes)), list(Mul.make_args(no))]
    for function in COSTLY:
        found = [factor for rest in rests for factor in rest if factor.func is function]
        if len(found) == 2 and found[0] in rests[0] and found[1] in rests[1]:
            for rest, factor in zip(rests, found, strict=True):
                rest.remove(factor)
            factors.append(function(_choose(condition, found[0].args[0], found[1].args[0]), evaluate=False))
    if not factors:
        return choice
    return Mul(_choose(condition, Mul(*rests[0]), Mul(*rests[1])), *factors, evaluate=False)


def _choose(condition: Any, yes: Expr, no: Expr) -> Expr:
    return yes if yes == no else Piecewise((yes, condition), (no, True), evaluate=False)
