"""Steps of an explicit Runge-Kutta method over a batch on a torch device: the batch loop's stepper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..steppers import Tableau
from .compiler import Compiling
from .dynamics import TensorDynamics
from .first_steps import first_steps
from .norms import Tolerances, unsound, worst_ratios

Steps = NDArray[np.float64]


class TensorStepper:
    """`simulator.batched.protocol.BatchStepper` on tensors (states, samples, channels, rows, columns).

    States and rates stay on the device. What crosses to the host each step is one small tensor: with step-size
    control the error ratios of all samples, with a fixed step whether the proposals are sound. Beyond that, only
    the states at saved times do (and |dv/dt| where the run is to end when settled).
    """

    def __init__(self, tableau: Tableau, dynamics: TensorDynamics, compiling: Compiling) -> None:
        self._tableau, self._dynamics, self._compiling = tableau, dynamics, compiling
        self._tolerances = Tolerances(dynamics.start.dtype)
        self._rates = compiling.form(dynamics.rates)
        self._proposal = compiling.form(self._proposal_of)
        self._worst = compiling.form(worst_ratios)
        self._state = self._proposed = dynamics.start
        self._k = [self._rates(self._state)]
        self._h = np.zeros(self._samples)
        self._cached: dict[float | str, tuple[NDArray[np.floating], ...]] = {}
        self.evaluations = self._samples

    @property
    def tableau(self) -> Tableau:
        """The method."""
        return self._tableau

    @property
    def _samples(self) -> int:
        return self._state.shape[1]

    def attempt(self, h: Steps) -> None:
        """Propose the states after steps h [s] (samples,), 0 for a sample that rests; the present ones stay."""
        self._compiling.step()
        self._h = h
        self._proposed, *self._k = self._proposal(self._state, self._k[0], self._on_device(h))
        self.evaluations += (self._tableau.stages - 1) * int(np.count_nonzero(h))
        self._cached.clear()

    def error_ratios(self, h: Steps, rtol: float, atol: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """Per sample the largest |error| / (atol + rtol max(|before|, |after|)), inf when not finite, and the flat
        index of that cell; atol is (states,)."""
        assert self._tableau.error is not None
        units = self._dynamics.problem.state_units
        rtol, atol = self._tolerances.attainable(rtol, atol, units)
        error = _weighted(self._tableau.error, self._k, self._on_device(h))
        found = self._worst(error, self._state, self._proposed, rtol, self._by_state(atol)).cpu().numpy()
        ratios = np.where(np.isfinite(found[0]) & ~self._tolerances.vanishing(h), found[0], np.inf)
        return ratios, found[1].astype(np.int64)

    def first_steps(self, rtol: float, atol: Steps, limit: float) -> Steps:
        """A first step for each sample, at most `limit` [s]."""
        self.evaluations += self._samples
        rtol, atol = self._tolerances.attainable(rtol, atol, self._dynamics.problem.state_units)
        return first_steps(self._rates, self._state, self._k[0], self._tableau.order, rtol, atol, limit)

    def between(self, theta: float, h: float, sample: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The states and outputs of a sample at t + theta h within its attempted step."""
        if np.all(self._h == h):  # all samples pass a saved time at once: one transfer for all of them
            if theta not in self._cached:
                self._cached.clear()
                self._cached[theta] = self._at(theta, slice(None))
            states, outputs = self._cached[theta]
            return states[:, sample], outputs[sample]
        states, outputs = self._at(theta, slice(sample, sample + 1))
        return states[:, 0], outputs[0]

    def accept(self, mask: NDArray[np.bool_]) -> None:
        """Take the attempted step of these samples (samples,), x held to [0, 1]."""
        self._cached.clear()
        last = self._k[-1]
        if mask.all():
            self._state = self._dynamics.confine(self._proposed)
        elif mask.any():
            taken = torch.as_tensor(mask, device=self._state.device).view(1, -1, 1, 1, 1)
            self._state = self._dynamics.confine(torch.where(taken, self._proposed, self._state))
            last = torch.where(taken, last, self._k[0])
        else:
            return
        if self._tableau.first_same_as_last:
            self._k = [last]  # rates hold x to [0, 1] themselves, so confining changes none
        else:
            self._k = [self._rates(self._state)]
            self.evaluations += int(np.count_nonzero(mask))

    def present(self, sample: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The states and outputs of a sample now."""
        part = slice(sample, sample + 1)
        states = self._state[:, part]
        return states[:, 0].cpu().numpy(), self._dynamics.outputs(states, part)[0].cpu().numpy()

    def speeds(self, sample: int) -> NDArray[np.floating]:
        """|dv/dt| [V/s] (channels, rows, columns) of a sample now."""
        if "speeds" not in self._cached:  # asked for all samples in turn: one transfer
            self._cached["speeds"] = (self._k[0][0].abs().cpu().numpy(),)
        return self._cached["speeds"][0][sample]

    def check(self) -> tuple[int, int, str] | None:
        """The first proposal that is "not finite", or that "ran away" beyond the problem's voltage limit."""
        return unsound(self._proposed, self._dynamics.problem.voltage_limit)

    def _proposal_of(self, state: Tensor, k0: Tensor, h: Tensor) -> tuple[Tensor, ...]:
        """(the proposed states, the rates of all stages)."""
        k = [k0]
        for weights in self._tableau.a[1:]:
            k.append(self._dynamics.rates(state + _weighted(weights, k, h)))
        return (state + _weighted(self._tableau.b, k, h), *k)

    def _at(self, theta: float, part: slice) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        states = self._proposed[:, part]
        if theta < 1.0:
            powers = theta ** np.arange(1, len(self._tableau.dense[0]) + 1)
            weights = (np.array(self._tableau.dense) @ powers).tolist()
            k = [rate[:, part] for rate in self._k]
            states = self._state[:, part] + _weighted(weights, k, self._on_device(self._h[part]))
        states = self._dynamics.confine(states.clone())
        return states.cpu().numpy(), self._dynamics.outputs(states, part).cpu().numpy()

    def _on_device(self, h: Steps) -> Tensor:
        return torch.as_tensor(h, dtype=self._state.dtype, device=self._state.device).view(1, -1, 1, 1, 1)

    def _by_state(self, values: Steps) -> Tensor:
        return torch.as_tensor(values, dtype=self._state.dtype, device=self._state.device).view(-1, 1, 1, 1, 1)


def _weighted(weights: Sequence[float], k: Sequence[Tensor], h: Tensor) -> Tensor:
    """h sum_s weights[s] k[s]."""
    used = [(weight, rate) for weight, rate in zip(weights, k, strict=True) if weight != 0.0]
    total = used[0][0] * used[0][1]
    for weight, rate in used[1:]:
        total = torch.add(total, rate, alpha=weight)
    return h * total
