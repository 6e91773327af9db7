"""An array of cells as a torch module: its states evolve from a start under what is fed in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...circuits.boundary import Boundary
from ...circuits.cells import CellCircuit, ChuaYang
from ...devices.errors import InputError, SimulationError
from ...devices.parameter import flat_parameters
from . import adaptive, fixed_steps
from .coupling import initial_weights
from .equations import state_names
from .integration import Adaptive, FixedSteps, Integration
from .parameters import CellParameters
from .problem import Equations
from .switching import followed
from .tensor_code import tensor_functions

States = tuple[Tensor, ...]
MOST = 1e18
"""Normalised states beyond are none of a circuit; their squares overflow single precision, in which compiled steps hold
rates to what can be stored, so that what runs away need not become infinite."""


class ArrayDynamics(nn.Module):
    """C dv/dt = -v/R - area i(v, x) + (1/R) [A*y + V1 feed],  y = V1 f(v/V1),  dx/dt = g(v, x), from 0 to `stop` [s].

    `cell` is a `ChuaYang`, an `MCellNN` or a `SecondOrder` of `circuits.cells` (SI units; the last has equations of its
    own, and starts without current); A (channels, channels / groups, kernel, kernel) is trained, `trainable` names
    more: of C, V1, area and x0, or C and L. What goes in and comes out is normalised (in units of V1). `boundary` is as
    in a spec; `x0`, the memristors' start, is a number or one per channel.

    Raises InputError for values that do not fit, and SimulationError in a run whose states are not finite.
    """

    def __init__(
        self,
        channels: int,
        *,
        kernel: int = 3,
        cell: CellCircuit | None = None,
        boundary: Any = "zero-flux",
        stop: float = 2e-6,
        integration: Integration | None = None,
        x0: float | Sequence[float] = 0.1,
        trainable: Sequence[str] = (),
        groups: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.cell = ChuaYang() if cell is None else cell
        if self.cell.states not in (("v",), ("v", "x"), ("v", "w")):
            expected = "a cell of the states v, or v and x, or v and w"
            raise InputError("cell", self.cell.name, expected, "chua-yang, m-cellnn or second-order")
        checked_whole("channels", channels)
        checked_kernel("kernel", kernel)
        checked_whole("groups", groups)
        if channels % groups:
            raise InputError("groups", groups, f"a divisor of the {channels} channels")
        if not isinstance(stop, int | float) or not (math.isfinite(stop) and stop > 0):
            raise InputError("stop", stop, "a number of seconds above 0")
        self.channels, self.groups, self.stop = channels, groups, float(stop)
        self.boundary = Boundary.parse(boundary)
        self.integration: Integration = FixedSteps() if integration is None else integration
        self.A = nn.Parameter(initial_weights(channels, channels // groups, kernel, generator))
        self.quantities = CellParameters(self.cell, channels, x0, trainable)
        self.fused = True
        """Whether fixed steps on the CPU take the compiled path; the plain one gives the same numbers to rounding."""
        self.follows_switching = False
        """Whether, in evaluation, samples whose memristors switch are integrated in finer steps (`switching`)."""
        self._names = ("d", *state_names(self.cell), *flat_parameters(self.cell))

    def forward(self, feed: Tensor, start: Tensor | float = 0.0) -> Tensor:
        """The normalised output f(v(stop)/V1), (n, channels, rows, columns), of the normalised feed, shaped the same,
        and the normalised v(0): a number or a tensor of that shape."""
        if self.follows_switching and not self.training and self.quantities.memristive:
            if isinstance(self.integration, FixedSteps):
                return followed(self, feed, start)
        if self._runs_fused(feed):
            return self._end_fused(feed, start, states=False)[0]
        equations = self.equations(feed)
        return equations.output(self._end(equations, self._start(feed, start))[0])

    def ended(self, feed: Tensor, start: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
        """Outputs and states at `stop` as fixed steps leave them, whether or not they are finite: see `check`."""
        if self._runs_fused(feed):
            y, found = self._end_fused(feed, start, states=True, check=lambda s: None)
            assert found is not None
            return y, found
        equations, how = self.equations(feed), self.integration
        assert isinstance(how, FixedSteps)
        states = fixed_steps.integrate(equations, self._start(feed, start), self.stop, how)
        return equations.output(states[0]), torch.stack(states)

    def states(self, feed: Tensor, start: Tensor | float = 0.0) -> Tensor:
        """The states at `stop`, (states, n, channels, rows, columns): v/V1, and x where there is a memristor,
        w/V1 where there is an inductor."""
        if self._runs_fused(feed):
            _, found = self._end_fused(feed, start, states=True)
            assert found is not None
            return found
        return torch.stack(self._end(self.equations(feed), self._start(feed, start)))

    def trajectory(self, feed: Tensor, start: Tensor | float, times: Sequence[float]) -> Tensor:
        """The states at the times [s], (times, states, n, channels, rows, columns).

        Raises InputError for times that do not increase within [0, stop].
        """
        times = [float(time) for time in times]
        increasing = all(a < b for a, b in zip(times, times[1:], strict=False))
        if not times or not increasing or times[0] < 0.0 or times[-1] > self.stop * (1 + 1e-12):
            raise InputError("times", times, f"times that increase from 0 to {self.stop:g} s")
        equations, first = self.equations(feed), self._start(feed, start)
        if isinstance(self.integration, Adaptive):
            found = adaptive.trajectory(equations, first, self.stop, self.integration, times)
        else:
            found = fixed_steps.trajectory(equations, first, self.stop, self.integration, times)
        return torch.stack([torch.stack(states) for states in found])

    def _end(self, equations: Equations, start: States) -> States:
        if isinstance(self.integration, Adaptive):
            found = adaptive.trajectory(equations, start, self.stop, self.integration, [self.stop])[0]
        else:
            found = fixed_steps.integrate(equations, start, self.stop, self.integration)
        self.check(found[0])
        return found

    def _runs_fused(self, feed: Tensor) -> bool:
        how = self.integration
        known = feed.device.type == "cpu" and feed.dtype in (torch.float32, torch.float64) and feed.numel() > 0
        return self.fused and known and isinstance(how, FixedSteps) and not how.checkpoint

    def _end_fused(
        self, feed: Tensor, start: Tensor | float, states: bool, check: Callable[[Tensor], None] | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """The outputs, and the states where asked for."""
        from .fused.run import run_fused  # numba is needed here only

        self._check_feed(feed)
        at = None if not isinstance(start, Tensor) and start == 0.0 else self._start(feed, start)[0]
        return run_fused(self, feed, at, states, check or self.check)

    def equations(self, feed: Tensor) -> Equations:
        """What is integrated under a feed, shaped as in `forward`. Raises InputError for one that does not fit."""
        self._check_feed(feed)
        return Equations(
            tensor_functions(self.cell), self._names, tuple(self.quantities.values(feed)), self.A, feed, self.boundary,
            self.groups,
        )  # fmt: skip

    def _check_feed(self, feed: Tensor) -> None:
        if feed.dim() != 4 or feed.shape[1] != self.channels or feed.dtype != self.A.dtype:
            given = f"{feed.dtype} of shape {tuple(feed.shape)}"
            raise InputError("feed", given, f"{self.A.dtype} of shape (n, {self.channels}, rows, columns)")

    def _start(self, feed: Tensor, start: Tensor | float) -> States:
        if not isinstance(start, Tensor):
            start = torch.full_like(feed, start, requires_grad=False)
        elif start.shape != feed.shape:
            raise InputError("start", tuple(start.shape), f"a start of the feed's shape, {tuple(feed.shape)}")
        if self.quantities.memristive:
            return start, self.quantities.start(feed)
        return (start, torch.zeros_like(feed)) if len(self.cell.states) > 1 else (start,)

    def check(self, s: Tensor) -> None:
        """Raises SimulationError where normalised states are not finite, or as good as: one would train on as if
        nothing had happened."""
        if s.numel() == 0:
            return
        low, high = (float(value) for value in torch.aminmax(s.detach()))
        if not (low > -MOST and high < MOST):
            raise SimulationError(
                f"the states of an array ran away or are not finite after {self.stop:g} s: take more steps, a shorter "
                "stop, a lower voltage unit (a memristor's rates grow with it exponentially) or smaller weights"
            )

    def extra_repr(self) -> str:
        """For print(module)."""
        return f"{self.channels}, {self.cell.name}, {self.boundary}, stop={self.stop:g}, {self.integration}"


def checked_whole(place: str, value: Any) -> int:
    """The value; InputError unless it is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(place, value, "a whole number above 0")
    return value


def checked_kernel(place: str, value: Any) -> int:
    """The value; InputError unless it is an odd whole number."""
    if checked_whole(place, value) % 2 == 0:
        raise InputError(place, value, "an odd number of rows and columns", "a centre is needed")
    return value
