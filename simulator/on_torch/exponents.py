"""Products of exponentials with one exponent, which a narrow number format has room for.

exp(p) sinh(z) of a rate such as Strachan's may be moderate while each factor is beyond float32, whose exponents are
bounded to +-80 (`devices.codegen.torch_namespace`): at -1.1 V a memristor would come to rest at another state.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Abs, Expr, Mul, cosh, sign, sinh, tanh

from ...devices.codegen.branches import merge_branches


def joint_exponents(expression: Any) -> Expr:
    """The same values, also exact near z = 0: with t = tanh |z|,
    exp(p) sinh(z) = exp(p + |z|) sign(z) t / (1 + t) and exp(p) cosh(z) = exp(p + |z|) / (1 + t).
    """
    return merge_branches(expression).replace(_has_both, _joined)


def _has_both(expression: Any) -> bool:
    found = {factor.func for factor in expression.args} if isinstance(expression, Mul) else set()
    return sympy.exp in found and bool(found & {sinh, cosh})


def _joined(product: Mul) -> Expr:
    rest = list(product.args)
    growth = next(factor for factor in rest if factor.func is sympy.exp)
    swing = next(factor for factor in rest if factor.func in (sinh, cosh))
    rest.remove(growth)
    rest.remove(swing)
    (p,), (z,) = growth.args, swing.args
    size = Abs(z, evaluate=False)
    t = tanh(size, evaluate=False)
    joint = sympy.exp(p + size, evaluate=False)
    if swing.func is sinh:
        rest += [sign(z), t]
    return Mul(*rest, joint, 1 / (1 + t), evaluate=False)
