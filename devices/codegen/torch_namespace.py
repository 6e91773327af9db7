"""What the names in generated source mean to torch: elementwise, numbers and tensors mixed."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

Value = Any  # a float or a Tensor


def _elementwise(on_tensor: Any, on_number: Any) -> Any:
    def apply(z: Value) -> Value:
        return on_tensor(z) if isinstance(z, Tensor) else on_number(z)

    return apply


FLOAT32_EXPONENT = 80.0  # exp(80) = 5.5e34: the most a float32 product has room for


def _within_range(on_tensor: Any) -> Any:
    """The exponents of equations are bounded for float64; narrower types need a narrower bound."""

    def apply(z: Tensor) -> Tensor:
        return on_tensor(z if z.dtype == torch.float64 else z.clamp(-FLOAT32_EXPONENT, FLOAT32_EXPONENT))

    return apply


exp = _elementwise(_within_range(torch.exp), math.exp)
sinh = _elementwise(_within_range(torch.sinh), math.sinh)
cosh = _elementwise(_within_range(torch.cosh), math.cosh)
tanh = _elementwise(torch.tanh, math.tanh)
sin = _elementwise(torch.sin, math.sin)
cos = _elementwise(torch.cos, math.cos)
log = _elementwise(torch.log, math.log)
sqrt = _elementwise(torch.sqrt, math.sqrt)
absolute = _elementwise(torch.abs, abs)
sign = _elementwise(torch.sign, lambda z: float((z > 0) - (z < 0)))


def root(z: Value) -> Value:
    return sqrt(absolute(z))


def power(base: Value, exponent: Value) -> Value:
    return absolute(base) ** exponent


def maximum(a: Value, b: Value) -> Value:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return torch.maximum(a, b)
    if isinstance(a, Tensor):
        return torch.clamp(a, min=b)
    return torch.clamp(b, min=a) if isinstance(b, Tensor) else max(a, b)


def minimum(a: Value, b: Value) -> Value:
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return torch.minimum(a, b)
    if isinstance(a, Tensor):
        return torch.clamp(a, max=b)
    return torch.clamp(b, max=a) if isinstance(b, Tensor) else min(a, b)


def where(condition: Value, yes: Value, no: Value, *like: Value) -> Value:
    if not isinstance(condition, Tensor):
        return yes if condition else no
    if not isinstance(yes, Tensor) and not isinstance(no, Tensor):
        # torch would make float32 of two numbers, whatever the precision of the rest
        dtype = next((z.dtype for z in like if isinstance(z, Tensor)), None)
        yes = torch.tensor(yes, dtype=dtype, device=condition.device)
    return torch.where(condition, yes, no)


def at_least(a: Value, b: Value) -> Value:
    reached = a >= b
    if isinstance(reached, Tensor):
        return reached.to(a.dtype if isinstance(a, Tensor) else b.dtype)
    return float(reached)
