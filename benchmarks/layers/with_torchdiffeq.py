"""The same block written straightforwardly: torch operations for the cells, torchdiffeq's fixed steps around them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torchdiffeq import odeint

LEAK, V1, AREA, X0, TAU, C = 0.01, 0.4, 0.1, 0.1, 1e-6, 1e-9


def output(s: Tensor) -> Tensor:
    """The leaky saturation."""
    inside = torch.clamp(s, -1.0, 1.0)
    return inside + LEAK * (s - inside)


def taox(v: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Strachan's memristor: current [A], rate [1/s]; exponents bounded as single precision needs it."""
    size = torch.sqrt(v.abs() + 1e-12)  # a gradient at 0
    current = v * (0.025 * x + 7.2e-6 * torch.exp(4.7 * size) * (1 - x))
    power, width = current * v, x.clamp(min=1e-3)
    off = -((0.4 / width) ** 2) + 1 / (1 + 500 * power)
    on = power / 4e-5 - (x / 0.06) ** 2
    reset = 1e-10 * torch.sinh((v / 0.013).clamp(-80, 80)) * torch.exp(off.clamp(-80, 80))
    grow = 1e-4 * torch.sinh((v / 0.45).clamp(-80, 80)) * torch.exp(on.clamp(-80, 80))
    return current, torch.where(v < 0, reset, grow)


def block(A: Tensor, feed: Tensor, start: Tensor, *, method: str, steps: int, stop: float, memristive: bool) -> Tensor:
    """The outputs at `stop` [s] of an array with cells of 0 outside; time in units of stop."""

    def plain(t: Tensor, s: Tensor) -> Tensor:
        return stop / TAU * (functional.conv2d(output(s), A, padding=1) + feed - s)

    def with_memristor(t: Tensor, states: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        s, x = states
        current, rate = taox(V1 * s, x)
        return plain(t, s) - stop * AREA / (C * V1) * current, stop * rate

    times = torch.tensor([0.0, 1.0], dtype=feed.dtype)
    options = {"step_size": 1.0 / steps}
    if not memristive:
        return output(odeint(plain, start, times, method=method, options=options)[-1])
    states = start, torch.full_like(start, X0)
    return output(odeint(with_memristor, states, times, method=method, options=options)[0][-1])
