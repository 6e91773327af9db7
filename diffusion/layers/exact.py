"""A cell's output and rates on tensors, with gradients from the exact slopes.

torch's own graph would meet 0 * inf in the branches of `where` not taken, and keep every intermediate.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

Value = Tensor | float


class _Output(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, module: ModuleType, s: Tensor, *parameters: Value) -> Tensor:
        # by the output's only parameters, those of its stage, nothing is trained
        ctx.module, ctx.parameters = module, [_number(value) for value in parameters]
        ctx.save_for_backward(s)
        return _over(module.output(s, *parameters), s)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        (s,) = ctx.saved_tensors
        return None, upstream[0] * ctx.module.output_slope(s, *ctx.parameters), *[None] * len(ctx.parameters)


class _Rates(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, module: ModuleType, names: Sequence[str], *arguments: Value) -> Any:
        ctx.module, ctx.names = module, names
        ctx.numbers = [None if isinstance(value, Tensor) else value for value in arguments]
        ctx.save_for_backward(*(value for value in arguments if isinstance(value, Tensor)))
        found = module.rates(*arguments)
        found = found if isinstance(found, tuple) else (found,)
        return tuple(_over(rate, arguments[0]) for rate in found)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        tensors = iter(ctx.saved_tensors)
        arguments = [next(tensors) if value is None else value for value in ctx.numbers]
        found = ctx.module.slopes(*arguments)
        found = found if isinstance(found, tuple) else (found,)
        slopes = dict(zip(ctx.module.SLOPES, found, strict=True))
        gradients: list[Tensor | None] = [None, None]
        for name, argument, wanted in zip(ctx.names, arguments, ctx.needs_input_grad[2:], strict=True):
            parts = [by_rate * slopes[k, name] for k, by_rate in enumerate(upstream) if (k, name) in slopes]
            if wanted:
                total = sum(parts[1:], parts[0]) if parts else torch.zeros_like(upstream[0])
                gradients.append(total.sum_to_size(argument.shape))
            else:
                gradients.append(None)
        return tuple(gradients)


def output(module: ModuleType, s: Tensor, parameters: Sequence[Value]) -> Tensor:
    """f(s), shaped as s."""
    return _Output.apply(module, s, *parameters)  # type: ignore[no-untyped-call]


def rates(
    module: ModuleType, names: Sequence[str], d: Tensor, states: Sequence[Tensor], parameters: Sequence[Value]
) -> tuple[Tensor, ...]:
    """ds/dt, and dx/dt where there is a memristor [1/s], shaped as d; `names` are those of d, states and parameters."""
    return _Rates.apply(module, names, d, *states, *parameters)  # type: ignore[no-untyped-call]


def _over(value: Value, like: Any) -> Tensor:
    """What depends on no state, such as a resistor's 0, comes as a number or with fewer axes."""
    if not isinstance(value, Tensor):
        return torch.full_like(like, value)
    return value if value.shape == like.shape else value.expand_as(like).clone()


def _number(value: Value) -> Value:
    return value.detach() if isinstance(value, Tensor) else value
