"""Fixed steps with their discrete adjoint: an autograd function around compiled sweeps and torch's convolutions.

A step is s' = s + h sum_i b_i k_i, k_i = F(S_i), S_i = s + h sum_j<i a_ij k_j. With G = dL/ds', L_i = dL/dS_i, stages
taken backwards (Hager, Numer. Math. 87, 247 (2000)):

    dL/dk_i = h (b_i G + sum_j>i a_ji L_j),   L_i = (dF/dS)^T dL/dk_i,   dL/ds = G + sum_i L_i.

The part of F through the coupling goes through a convolution; the rest is the cell's own, by its exact slopes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....devices.errors import InputError
from .march import March
from .memory import Shelf, borrowed, borrowed_like
from .plan import Run


class FusedSteps(torch.autograd.Function):
    """(outputs f(s), states (states, n, channels, rows, columns) or None) at the end of `run.steps` steps.

    `start` is a tensor or None for 0; x0 (1, channels, 1, 1) or None; what is trained in the order of `run.trained`.
    `keep`: whether a backward pass may follow; `states`: whether they are asked for; `check` sees the final s of each
    chunk.
    """

    @staticmethod
    def forward(  # noqa: D102
        ctx: Any,
        run: Run,
        keep: bool,
        states: bool,
        check: Callable[[Tensor], None],
        A: Tensor,
        feed: Tensor,
        start: Tensor | None,
        x0: Tensor | None,
        *trained: Tensor,
    ) -> Any:
        ctx.set_materialize_grads(False)
        values, silent = run.values(list(trained)), start is None and run.starts_silent()
        y, found = borrowed_like(feed), feed.new_empty((run.states, *feed.shape)) if states else None
        shelves = []
        for part in run.chunks(len(feed)):
            fed = feed[part]
            shelf = Shelf(borrowed(run.kept_bytes(len(fed)))) if keep else None
            march = March(run, A, fed, values, shelf)
            end = march.forward(None if start is None else start[part], x0, silent, y[part])
            check(end[0])
            if found is not None:
                found[:, part] = end.view(run.states, *fed.shape)
            if shelf is not None:
                shelves.append(shelf.memory)
        if keep:
            ctx.run, ctx.silent, ctx.values, ctx.shapes = run, silent, values, [value.shape for value in trained]
            ctx.save_for_backward(A, feed, *shelves)
        return y, found

    @staticmethod
    def backward(ctx: Any, by_output: Tensor | None, by_states: Tensor | None) -> Any:  # noqa: D102
        if torch.is_grad_enabled():  # torch's once_differentiable would let a penalty on gradients pass as a constant
            hint = "layer.dynamics.fused = False takes the plain steps, which have second derivatives"
            raise InputError("create_graph", True, "False: compiled steps have first derivatives only", hint)
        A, feed, *shelves = ctx.saved_tensors
        run: Run = ctx.run
        _, _, _, _, wants_A, _, wants_start, wants_x0, *_ = ctx.needs_input_grad
        by_A = torch.zeros_like(A) if wants_A else None
        by_feed = borrowed_like(feed)
        by_start = borrowed_like(feed) if wants_start else None
        by_x0, by_trained = feed.new_zeros(run.channels), np.zeros((run.channels, len(run.trained)))
        for part, memory in zip(run.chunks(len(feed)), shelves, strict=True):
            march = March(run, A, feed[part], ctx.values, Shelf(memory))
            G, totals = march.backward(
                None if by_output is None else by_output[part], None if by_states is None else by_states[:, part],
                by_feed[part], by_A, wants_start, ctx.silent,
            )  # fmt: skip
            by_trained += totals.reshape(len(feed[part]), run.channels, -1).sum(0) if run.trained else 0.0
            if by_start is not None:
                by_start[part] = G[0].view_as(by_start[part])
            if wants_x0:
                by_x0 += G[1].view(-1, run.channels, run.cells).sum((0, 2))
        gradients = []
        for t, shape in enumerate(ctx.shapes):  # (1, channels, 1, 1), or () for the layer
            of_channels = torch.from_numpy(by_trained[:, t]).to(feed)
            gradients.append(of_channels.reshape(shape) if shape else of_channels.sum())
        return (
            None,
            None,
            None,
            None,
            by_A,
            by_feed,
            by_start,
            by_x0.view(1, -1, 1, 1) if wants_x0 else None,
            *gradients,
        )
