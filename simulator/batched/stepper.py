"""Steps a batch of samples on the processor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...circuits.own_values import OwnValues
from ...devices.parameter import flat_parameters
from ..problem import Problem
from ..rest import fastest_change
from ..steppers import Tableau
from . import norms
from .cell_loops import cell_loops, single_arithmetic
from .choose import choose
from .crew import Crew
from .plan import Plan, Sum
from .protocol import Array, Steps


class ExplicitStepper:
    """A `BatchStepper`: any explicit tableau, double or single precision.

    Threads take samples where there are enough, and each takes a sample through all stages while it is in the cache;
    else, and where samples share weights that come from memory, threads take bands of rows and meet after each stage.

    Without `keeps_rates` the rates of a step stay in the cache of the thread that needed them: they are computed again
    when an interpolant asks for them. This is for methods of fixed steps, which do without them otherwise.
    """

    def __init__(
        self, problem: Problem, tableau: Tableau, dtype: np.dtype, crew: Crew, keeps_rates: bool = True
    ) -> None:
        array, own = problem.array, problem.array.own or OwnValues()
        own.check_samples(problem.samples)
        self.tableau, self.evaluations = tableau, 0
        self._problem, self._dtype, self._crew = problem, dtype, crew
        coupling = choose(problem, dtype)
        self._geometry, self._weights, self._streams = coupling.geometry, coupling.weights, coupling.streams
        self._module = cell_loops(array.cell, dtype, tuple(own.parameters), coupling.name, coupling.form)
        # parameters are as precise as the arithmetic
        arithmetic = np.dtype(np.float32 if single_arithmetic(array.cell, dtype) else np.float64)
        self._parameters = np.array(list(flat_parameters(array.cell).values()), arithmetic)
        self._own = self._own_parameters(own, arithmetic)
        inside, samples, states = self._geometry.inside, problem.samples, len(array.cell.states)
        cells = self._geometry.cells
        self._both = np.zeros((2, samples, states, cells), dtype)
        """Present states and proposals; which is which, says `_present` for each sample."""
        self._both[0] = inside(problem.start, dtype).swapaxes(0, 1)
        self._bits = self._both.view(f"i{dtype.itemsize}")
        self._present = np.zeros(samples, np.int64)
        self._by_samples = not self._streams and (samples % crew.threads == 0 or samples > 4 * crew.threads)
        rooms = min(crew.threads, samples) if self._by_samples else samples
        self._keeps = keeps_rates or tableau.error is not None or not self._by_samples
        self._stage = np.zeros((rooms, states, cells), dtype)
        self._k = np.zeros((samples if self._keeps else rooms, tableau.stages, states, cells), dtype)
        self._slots = np.tile(np.arange(tableau.stages), (samples, 1))
        """Where in `_k` the rates of each stage are: taking a step only swaps the first and the last."""
        self._known = np.zeros(samples, np.bool_)
        """Whether the rates at the present state are in the first slot."""
        self._feed = inside(problem.feed, dtype)
        beyond = array.boundary.value * array.cell.V1
        self._padded = self._geometry.padded(2, rooms, beyond, dtype)
        self._plan, self._rates_plan = Plan.of(tableau, dtype), Plan.of_rates(dtype)
        self._error = Sum.of(tableau.error or (0.0,), dtype)
        self._active = np.arange(0)
        self._voltage_limit = problem.voltage_limit

    def attempt(self, h: Steps) -> None:
        """See `BatchStepper`."""
        self._active = np.flatnonzero(h)
        known = self._known[self._active]
        self.evaluations += self.tableau.stages * len(known) - int(np.count_nonzero(known))
        self._advance(self._active, h, self._plan)
        self._known[self._active] = self._keeps

    def error_ratios(self, h: Steps, rtol: float, atol: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """See `BatchStepper`."""
        ratios, wheres = np.zeros(len(h)), np.zeros(len(h), np.int64)
        error, steps, which = self._error, h.astype(self._dtype), self._active

        def work(part: int, first: int, last: int) -> None:
            norms.error_ratios(
                which, first, last, steps, self._present, self._both, self._k, self._slots,
                error.terms, error.weights, error.count, rtol, atol, self._bits, ratios, wheres,
            )  # fmt: skip

        self._crew.share(work, len(which))
        return ratios, np.array([self._flat(int(where)) for where in wheres])

    def first_steps(self, rtol: float, atol: Steps, limit: float) -> Steps:
        """See `BatchStepper`."""
        everyone = np.arange(len(self._present))
        self._rates(everyone)
        first = self._k[everyone, self._slots[:, 0]].copy()
        state = self._both[self._present, everyone].astype(np.float64)
        scale = atol[:, np.newaxis] + rtol * np.abs(state)

        def size(values: Array) -> Steps:
            return np.max(np.abs(values) / scale, axis=(1, 2))

        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a rate without bound is met below
            d0, d1 = size(state), size(first)
            h0 = np.minimum(np.where((d0 < 1e-5) | (d1 < 1e-5), 1e-6 * limit, 0.01 * d0 / d1), limit)
            # the trial stands where proposals do, and is looked at as if it were the present state
            self._both[1 - self._present, everyone] = state + h0[:, np.newaxis, np.newaxis] * first
            self._present = 1 - self._present
            self._rates(everyone)
            top = np.maximum(d1, size(self._k[everyone, self._slots[:, 0]] - first) / h0)
            h1 = np.maximum(1e-6 * limit, h0 * 1e-3)
            h1 = np.where(top <= 1e-15, h1, (0.01 / top) ** (1.0 / self.tableau.order))
        self._present = 1 - self._present
        self._k[everyone, self._slots[:, 0]] = first
        self._known[:] = True
        return np.where(np.isfinite(top), np.minimum(np.minimum(100.0 * h0, h1), limit), h0 * 1e-3)

    def between(self, theta: float, h: float, sample: int) -> tuple[Array, Array]:
        """See `BatchStepper`."""
        state = self._both[1 - self._present[sample], sample]
        if theta < 1.0:
            powers = theta ** np.arange(1, len(self.tableau.dense[0]) + 1)
            weights = h * (np.array(self.tableau.dense) @ powers)
            if not self._keeps:
                self._advance(np.array([sample]), np.full(len(self._present), h), self._plan)
            rates = self._k[sample if self._keeps else 0, self._slots[sample]]
            state = self._both[self._present[sample], sample] + sum(
                self._dtype.type(w) * k for w, k in zip(weights, rates, strict=True) if w
            )
        return self._seen(state, sample)

    def accept(self, mask: NDArray[np.bool_]) -> None:
        """See `BatchStepper`."""
        self._present[mask] ^= 1
        if self.tableau.first_same_as_last:  # rates hold x to [0, 1] themselves, so confining changes none
            ends = self._slots[mask]
            ends[:, [0, -1]] = ends[:, [-1, 0]]
            self._slots[mask] = ends
        else:
            self._known[mask] = False

    def present(self, sample: int) -> tuple[Array, Array]:
        """See `BatchStepper`."""
        return self._seen(self._both[self._present[sample], sample], sample)

    def speeds(self, sample: int) -> Array:
        """See `BatchStepper`."""
        if not self._known[sample]:
            self._rates(np.array([sample]))
        rates = self._k[sample if self._keeps else 0, self._slots[sample, 0]]
        return self._geometry.outside(fastest_change(self._problem.array.cell, lambda n: rates[n]))

    def check(self) -> tuple[int, int, str] | None:
        """See `BatchStepper`."""
        largest = np.zeros((len(self._present), self._both.shape[2]), self._dtype)

        def work(part: int, first: int, last: int) -> None:
            norms.peaks(self._active, first, last, self._present, self._bits, largest.view(self._bits.dtype))

        self._crew.share(work, len(self._active))
        finite = np.isfinite(largest.max(axis=1))
        wrong = np.flatnonzero(~(finite & (largest[:, 0] <= self._voltage_limit)))
        if not wrong.size:
            return None
        sample = int(wrong[0])
        proposal = self._both[1 - self._present[sample], sample]
        if not finite[sample]:
            return sample, self._flat(int(np.argmin(np.isfinite(proposal)))), "not finite"
        return sample, self._flat(int(np.abs(proposal[0]).argmax())), "ran away"

    def _rates(self, which: NDArray[np.int64]) -> None:
        """The rates of these samples at their present states into their first slots."""
        self._known[which] = False
        self.evaluations += len(which)
        self._advance(which, np.zeros(len(self._present)), self._rates_plan)
        self._known[which] = self._keeps

    def _advance(self, which: NDArray[np.int64], h: Steps, plan: Plan) -> None:
        """Take these samples through the stages of the plan, or the part that is not known yet."""
        stages, samples, rows = len(plan.follow), len(which), self._problem.array.rows
        steps, first = h.astype(self._dtype), self._known.astype(np.int64)

        def run(rooms: NDArray[np.int64], m0: int, m1: int, group: int, i0: int, i1: int, s0: int, s1: int) -> None:
            self._module.advance(
                which, rooms, which if self._keeps else rooms, m0, m1, group, i0, i1, s0, s1, first, plan.follow,
                plan.terms, plan.counts, plan.weights, self._slots, steps, self._present, self._both, self._stage,
                self._k, self._feed, self._padded, self._weights, self._parameters, self._own, self._geometry.numbers,
            )  # fmt: skip

        if self._by_samples:
            self._crew.share(lambda part, a, b: run(np.full(samples, part), a, b, 1, 0, rows, -1, stages), samples)
            return
        group = samples if self._streams else 1
        for s in range(-1 if not first[which].all() else 0, stages):
            self._crew.share(lambda _, a, b, s=s: run(which, 0, samples, group, a, b, s, s + 1), rows)  # type: ignore[misc]

    def _seen(self, state: Array, sample: int) -> tuple[Array, Array]:
        """States and outputs as the world sees them."""
        states = np.ascontiguousarray(state)
        if "x" in self._problem.array.cell.states:
            states = states.copy()
            np.clip(states[1], 0.0, 1.0, out=states[1])
        y = np.empty(states.shape[1], self._dtype)
        self._module.outputs(states, self._parameters, self._own[sample % len(self._own)], y)
        return self._geometry.outside(states), self._geometry.outside(y)

    def _own_parameters(self, own: OwnValues, arithmetic: np.dtype) -> Array:
        """(chips, parameters, cells) of those parameters that cells have for themselves."""
        if not own.parameters:
            return np.zeros((1, 0, 0), arithmetic)
        chips = max(len(values) for values in own.parameters.values())
        shape = chips, *self._problem.array.shape
        values = [np.broadcast_to(planes, shape) for planes in own.parameters.values()]
        return self._geometry.inside(np.stack(values, axis=1), arithmetic)

    def _flat(self, index: int) -> int:
        """A place in (states, cells) as a flat index into (states, channels, rows, columns)."""
        state, cell = divmod(index, self._geometry.cells)
        return state * self._geometry.cells + self._geometry.plane_index(cell)
