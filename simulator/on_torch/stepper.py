"""Steps a batch on a torch device: what the batch loop drives."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..steppers import Tableau
from .compiler import Compiling
from .dynamics import TensorDynamics
from .first_steps import first_steps
from .norms import Tolerances, unsound, worst_ratios
from .scheme import Scheme

Array = NDArray[np.floating]
Steps = NDArray[np.float64]


class TensorStepper:
    """A `BatchStepper` (`simulator.batched.protocol`) on tensors (states, samples, channels, rows, columns).

    States and rates stay on the device. What crosses to the host each step is one small tensor: with step-size
    control the error ratios of all samples, with a fixed step whether the proposals are sound. Beyond that, only
    the states at saved times do (and |dv/dt| where the run is to end when settled).
    """

    def __init__(self, scheme: Scheme, dynamics: TensorDynamics, compiling: Compiling) -> None:
        self._scheme, self._dynamics, self._compiling = scheme, dynamics, compiling
        self._tolerances = Tolerances(dynamics.start.dtype)
        self._rates = compiling.form(dynamics.rates)
        self._propose = compiling.form(scheme.propose)
        self._worst = compiling.form(self._worst_of)
        self._state = self._proposed = dynamics.start
        self._rate = self._rates(self._state)
        self._parts: list[Tensor] = []
        self._h, self._h_there = np.zeros(self._samples), torch.zeros(())
        self._seen: dict[float | str, tuple[Array, ...]] = {}
        self.evaluations = self._samples

    @property
    def tableau(self) -> Tableau:
        """The method."""
        return self._scheme.tableau

    @property
    def _samples(self) -> int:
        return self._state.shape[1]

    def attempt(self, h: Steps) -> None:
        """See `BatchStepper`."""
        self._compiling.step()
        self._seen.clear()
        self._h, self._h_there = h, self._there(h, 1)
        self._proposed, *self._parts = self._propose(self._state, self._rate, self._h_there)
        self.evaluations += self._scheme.evaluations * int(np.count_nonzero(h))

    def error_ratios(self, h: Steps, rtol: float, atol: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """See `BatchStepper`."""
        rtol, atol = self._tolerances.attainable(rtol, atol, self._dynamics.problem.state_units)
        found = self._worst(self._state, self._proposed, self._parts, self._h_there, rtol, self._there(atol, 0))
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
        if not mask.any():
            return
        state, rate = self._proposed, self._parts[-1]
        if not mask.all():
            taken = torch.as_tensor(mask, device=state.device).view(1, -1, 1, 1, 1)
            state, rate = torch.where(taken, state, self._state), torch.where(taken, rate, self._rate)
        self._state = self._dynamics.confine(state)
        if self._scheme.ends_with_rate:
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
            self._seen["speeds"] = (self._rate[0].abs().cpu().numpy(),)
        return self._seen["speeds"][0][sample]

    def check(self) -> tuple[int, int, str] | None:
        """See `BatchStepper`."""
        return unsound(self._proposed, self._dynamics.problem.voltage_limit)

    def _worst_of(
        self, state: Tensor, proposed: Tensor, parts: list[Tensor], h: Tensor, rtol: float, atol: Tensor
    ) -> Tensor:
        return worst_ratios(self._scheme.error(parts, h), state, proposed, rtol, atol)

    def _at(self, theta: float, part: slice) -> tuple[Array, Array]:
        """States and outputs of these samples within the attempted step."""
        if theta >= 1.0:
            return self._on_host(self._dynamics.confine(self._proposed[:, part].clone()), part)
        parts = [rate[:, part] for rate in self._parts]
        states = self._scheme.between(self._state[:, part], parts, self._h_there[:, part], theta)
        return self._on_host(self._dynamics.confine(states), part)

    def _on_host(self, states: Tensor, part: slice) -> tuple[Array, Array]:
        return states.cpu().numpy(), self._dynamics.outputs(states, part).cpu().numpy()

    def _there(self, values: Steps, axis: int) -> Tensor:
        """Values by state (axis 0) or by sample (axis 1) on the device."""
        shape = [1, 1, 1, 1, 1]
        shape[axis] = -1
        return torch.as_tensor(values, dtype=self._state.dtype, device=self._state.device).view(shape)
