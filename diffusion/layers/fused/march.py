"""Some samples taken through all steps, and back: sweeps and convolutions in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .memory import Shelf
from .plan import Array, Run
from .planes import sweep


class March:
    """The tensors of a chunk of samples. Planes are samples x channels; states are (states, planes, cells).

    With a shelf, what the backward pass needs is kept there; without, it is not kept.
    """

    def __init__(self, run: Run, A: Tensor, feed: Tensor, values: Array, shelf: Shelf | None) -> None:
        self.run, self.A, self.feed, self.values, self.shelf = run, A, feed, values, shelf
        self._module = run.compiled[0]
        self._planes, self._cells = feed.shape[0] * feed.shape[1], run.cells
        self._outline = run.outline.geometry, run.outline.outside, run.outline.inside
        self._beyond = run.dtype.type(run.boundary.value)
        self._flat_feed = _flat(feed)
        if shelf is not None:
            kept = iter([shelf.empty(*form) for form in run.kept(feed.shape[0])])
            count = run.evaluations
            self._states = [next(kept) for _ in range(count + 1)]
            self._inside = [next(kept)[0] for _ in range(run.steps if run.memristive else 0)]
            self._drives = [next(kept)[0] for _ in range(count if run.keeps_drives else 0)]

    def forward(self, start: Tensor | None, x0: Tensor | None, silent: bool, y_end: Tensor) -> Tensor:
        """The states at the end; the outputs go to y_end (samples, channels, rows, columns). A start of None is 0;
        `silent`: it drives nothing through the coupling."""
        run, keep = self.run, self.shelf is not None
        after, stages = run.weights[2], run.tableau.stages
        state = self._states[0] if keep else self.feed.new_empty((run.states, self._planes, self._cells))
        state[0] = 0.0 if start is None else start.reshape(self._planes, -1)
        if run.states > 1:
            state[1].view_as(self.feed)[:] = 0.0 if x0 is None else x0
        y = self._padded()
        if not silent:
            self._outputs(state, y)
        k = self.feed.new_empty((stages if stages > 1 else 0, *state.shape)).numpy()
        inside = np.empty((self._planes if run.memristive else 0, self._cells), np.uint8)
        base = state
        for m in range(run.evaluations):
            stage, end = m % stages, m == run.evaluations - 1
            drive = np.empty((0, 0), run.dtype) if silent and m == 0 else self._drive(y, m)
            if keep:
                new = self._states[m + 1]
                inside = self._inside[m // stages].numpy() if self._inside else inside
            else:
                new = torch.empty_like(base)
            y = y_end if end else y
            self._sweep(
                self._module.forward, drive, self._flat_feed, state.numpy(), base.numpy(), k, stage, after[stage],
                stage == stages - 1, self.values, new.numpy(), inside, _flat(y),
                *(self._no_outline() if end else self._outline), self._beyond,
            )  # fmt: skip
            state = new
            if stage == stages - 1:
                base = state
        return state

    def backward(
        self, by_output: Tensor | None, by_states: Tensor | None, by_feed: Tensor, by_A: Tensor | None, by_start: bool,
        silent: bool,
    ) -> tuple[Tensor, Array]:  # fmt: skip
        """The gradients by the states at the start, and sums over each plane of those by what is trained; those by the
        feed go to by_feed, and by_A is added to (None: not asked for)."""
        run = self.run
        (a, b, _), stages = run.weights, run.tableau.stages
        G = torch.zeros_like(self._states[0]) if by_states is None else by_states.reshape(self._states[0].shape).clone()
        if by_output is not None:
            last = self._states[-1].numpy()
            self._sweep(self._module.begin, _flat(by_output.contiguous()), last, self.values, G.numpy())
        L = self.feed.new_empty((stages if stages > 1 else 0, *G.shape)).numpy()
        by_drive, y = torch.empty_like(self.feed), self._padded()
        by_feed.zero_()
        totals = np.zeros((self._planes, len(run.trained)))
        none, nowhere = np.empty((0, 0), run.dtype), np.empty((0, 0), np.uint8)
        by_y, ended = none, -1
        for m in range(run.evaluations - 1, -2, -1):
            n, stage = divmod(m, stages) if m >= 0 else (0, -1)
            self._sweep(
                self._module.backward, ended, by_y, self._states[min(m + 1, run.evaluations - 1)].numpy(), stage, a, b,
                self._drives[m].numpy() if self._drives and m >= 0 and not (silent and m == 0) else none,
                self._flat_feed, self._states[max(m, 0)].numpy(), self._inside[n].numpy() if self._inside else nowhere,
                self.values, G.numpy(), L, _flat(by_drive), _flat(by_feed), totals, *self._outline,
            )  # fmt: skip
            if m >= 0:
                # the outputs of the first stage need no gradient where nothing before them does
                asked = None if silent and m == 0 else by_A
                if asked is not None:
                    self._outputs(self._states[m], y)
                by_y = self._pull(by_drive, y, m > 0 or by_start, asked)
                ended = stage
        return G, totals

    def _drive(self, y: Tensor, m: int) -> Array:
        found = functional.conv2d(y, self.A, padding=self.run.padding, groups=self.run.groups)
        flat = found.contiguous().view(self._planes, -1)
        if self.shelf is not None and self._drives:
            self._drives[m].copy_(flat)
        return flat.numpy()

    def _padded(self) -> Tensor:
        return self.feed.new_empty((*self.feed.shape[:2], *self.run.outline.shape))

    def _outputs(self, states: Tensor, y: Tensor) -> None:
        self._sweep(self._module.outputs, states.numpy(), self.values, _flat(y), *self._outline, self._beyond)

    def _pull(self, by_drive: Tensor, y: Tensor, by_input: bool, by_A: Tensor | None) -> Array:
        """The gradient by the outputs y; that by A is added to by_A."""
        if not by_input and by_A is None:
            return np.empty((0, 0), self.run.dtype)
        found, by_weight, _ = torch.ops.aten.convolution_backward(
            by_drive, y, self.A, None, [1, 1], list(self.run.padding), [1, 1], False, [0, 0],
            self.run.groups, [by_input, by_A is not None, False],
        )  # fmt: skip
        if by_A is not None:
            by_A += by_weight
        return _flat(found.contiguous()) if by_input else np.empty((0, 0), self.run.dtype)

    def _no_outline(self) -> tuple[Any, Array, Array]:
        nowhere = np.zeros(0, np.int64)
        return (*self.run.size, 0, 0), nowhere, nowhere

    def _sweep(self, function: Any, *arguments: Any) -> None:
        sweep(function, self._planes, self._cells, *arguments)


def _flat(values: Tensor) -> Array:
    """(planes, cells)."""
    return values.detach().view(values.shape[0] * values.shape[1], -1).numpy()
