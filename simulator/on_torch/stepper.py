"""Steps a batch on a torch device: what the batch loop drives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..rest import fastest_change
from ..steppers import Tableau
from ..stiffness import Chooser
from .compiler import Compiling
from .dynamics import TensorDynamics
from .first_steps import first_steps
from .norms import Tolerances, unsound, worst_ratios
from .pace import Pace
from .scheme import Scheme

Array = NDArray[np.floating]
Steps = NDArray[np.float64]


class _Form:
    """A scheme's functions, compiled when that is due."""

    def __init__(self, scheme: Scheme, compiling: Compiling) -> None:
        def worst(state: Tensor, proposed: Tensor, parts: list[Tensor], h: Tensor, rtol: float, atol: Tensor) -> Tensor:
            return worst_ratios(scheme.error(parts, h), state, proposed, rtol, atol)

        self.scheme = scheme
        self.propose, self.worst = compiling.form(scheme.propose), compiling.form(worst)


class TensorStepper:
    """A `BatchStepper` (`simulator.batched.protocol`) on tensors (states, samples, channels, rows, columns).

    States and rates stay on the device. What crosses to the host each step is one small tensor: with step-size
    control the error ratios of all samples, with a fixed step whether the proposals are sound. Beyond that, only
    the states at saved times do (and |dv/dt| where the run is to end when settled).
    """

    def __init__(
        self, schemes: Sequence[Scheme], dynamics: TensorDynamics, compiling: Compiling, chooser: Chooser | None = None
    ) -> None:
        """The first scheme starts; a chooser goes over to another when that gets further."""
        self._dynamics, self._compiling = dynamics, compiling
        self._forms = {scheme.tableau.name: _Form(scheme, compiling) for scheme in schemes}
        self._now = self._forms[schemes[0].tableau.name]
        self._pace = None if chooser is None else Pace(chooser, dynamics)
        self._tolerances = Tolerances(dynamics.start.dtype)
        self._rates = compiling.form(dynamics.rates)
        self._state = self._proposed = dynamics.start
        self._rate = self._rates(self._state)
        self._parts: list[Tensor] = []
        self._h, self._h_there = np.zeros(self._samples), torch.zeros(())
        self._seen: dict[float | str, tuple[Array, ...]] = {}
        self.evaluations = self._samples

    @property
    def tableau(self) -> Tableau:
        """The method."""
        return self._now.scheme.tableau

    @property
    def _samples(self) -> int:
        return self._state.shape[1]

    def attempt(self, h: Steps) -> None:
        """See `BatchStepper`."""
        self._compiling.step()
        self._seen.clear()
        self._h, self._h_there = h, self._there(h, 1)
        self._proposed, *self._parts = self._now.propose(self._state, self._rate, self._h_there)
        self.evaluations += self._now.scheme.evaluations * int(np.count_nonzero(h))

    def error_ratios(self, h: Steps, rtol: float, atol: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """See `BatchStepper`."""
        rtol, atol = self._tolerances.attainable(rtol, atol, self._dynamics.problem.state_units)
        found = self._now.worst(self._state, self._proposed, self._parts, self._h_there, rtol, self._there(atol, 0))
        ratios, wheres = found.cpu().numpy()
        ratios = np.where(np.isfinite(ratios) & ~self._tolerances.vanishing(h), ratios, np.inf)
        return ratios, wheres.astype(np.int64)

    def first_steps(self, rtol: float, atol: Steps, limit: float) -> Steps:
        """See `BatchStepper`."""
        self.evaluations += self._samples
        rtol, atol = self._tolerances.attainable(rtol, atol, self._dynamics.problem.state_units)
        return first_steps(self._rates, self._state, self._rate, self.tableau.order, rtol, atol, limit)

    def between(self, theta: float, h: float, sample: int) -> tuple[Array, Array]:
        """See `BatchStepper`."""
        if np.all(self._h == h):  # all samples pass a saved time at once: one transfer for all of them
            if theta not in self._seen:
                self._seen.clear()
                self._seen[theta] = self._at(theta, slice(None))
            states, outputs = self._seen[theta]
            return states[:, sample], outputs[sample]
        states, outputs = self._at(theta, slice(sample, sample + 1))
        return states[:, 0], outputs[0]

    def accept(self, mask: NDArray[np.bool_]) -> None:
        """See `BatchStepper`."""
        self._seen.clear()
        if mask.any():
            self._take(mask)
        if self._pace is not None:
            self._now = self._forms[self._pace.after(self._h, mask, self._state)]

    def _take(self, mask: NDArray[np.bool_]) -> None:
        state, rate = self._proposed, self._parts[-1]
        if not mask.all():
            taken = torch.as_tensor(mask, device=state.device).view(1, -1, 1, 1, 1)
            state, rate = torch.where(taken, state, self._state), torch.where(taken, rate, self._rate)
        self._state = self._dynamics.confine(state)
        if self._now.scheme.ends_with_rate:
            self._rate = rate  # rates hold x to [0, 1] themselves, so confining changes none
        else:
            self._rate = self._rates(self._state)
            self.evaluations += int(np.count_nonzero(mask))

    def present(self, sample: int) -> tuple[Array, Array]:
        """See `BatchStepper`."""
        part = slice(sample, sample + 1)
        states, outputs = self._on_host(self._state[:, part], part)
        return states[:, 0], outputs[0]

    def speeds(self, sample: int) -> Array:
        """See `BatchStepper`."""
        if "speeds" not in self._seen:  # asked for all samples in turn: one transfer
            cell = self._dynamics.problem.array.cell
            self._seen["speeds"] = (fastest_change(cell, lambda n: self._rate[n].cpu().numpy()),)
        return self._seen["speeds"][0][sample]

    def check(self) -> tuple[int, int, str] | None:
        """See `BatchStepper`."""
        return unsound(self._proposed, self._dynamics.problem.voltage_limit)

    def _at(self, theta: float, part: slice) -> tuple[Array, Array]:
        """States and outputs of these samples within the attempted step."""
        if theta >= 1.0:
            return self._on_host(self._dynamics.confine(self._proposed[:, part].clone()), part)
        parts = [rate[:, part] for rate in self._parts]
        states = self._now.scheme.between(self._state[:, part], parts, self._h_there[:, part], theta)
        return self._on_host(self._dynamics.confine(states), part)

    def _on_host(self, states: Tensor, part: slice) -> tuple[Array, Array]:
        return states.cpu().numpy(), self._dynamics.outputs(states, part).cpu().numpy()

    def _there(self, values: Steps, axis: int) -> Tensor:
        """Values by state (axis 0) or by sample (axis 1) on the device."""
        shape = [1, 1, 1, 1, 1]
        shape[axis] = -1
        return torch.as_tensor(values, dtype=self._state.dtype, device=self._state.device).view(shape)
