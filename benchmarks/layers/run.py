"""Training throughput of a layer: forward and backward of an array of cells at batch 64, single precision, against the
same block written straightforwardly with torchdiffeq's fixed steps (B*u + z computed outside on both sides).

What bounds the ratio is the convolution, which both sides leave to the same library: three of them (forward, by the
outputs, by the weights) for each evaluation. `from 0` is how a network's blocks start: the first evaluation then needs
no convolution, which the layer knows and a block for any start does not. The other rows give both a start of their own.
The notes give what the convolutions alone take, in the same run.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cellnn.circuits.outputs import Saturation
from cellnn.diffusion.layers import ArrayDynamics, CellNN, FixedSteps, MCellNN

from ..measure import alternate, circumstances, mean_seconds, write_results
from .with_torchdiffeq import AREA, LEAK, V1, X0, block

BATCH, ROUNDS = 64, 5
SHAPES = ((32, 28), (64, 14))
METHODS = (("euler", "euler", 3), ("euler", "euler", 4), ("heun", "heun2", 2))
"""Ours, torchdiffeq's name, steps of RC/2."""


@dataclass(frozen=True, eq=False)
class Case:
    """An array, what goes in, and the gradient that comes back."""

    dynamics: ArrayDynamics
    feed: Tensor
    start: Tensor
    upstream: Tensor
    rival: str
    memristive: bool

    def ours(self, from_zero: bool) -> Tensor:
        """Forward and backward; the outputs."""
        return self._trained(self.dynamics(self.feed, 0.0 if from_zero else self.start))

    def theirs(self) -> Tensor:
        """The same by torchdiffeq."""
        how = self.dynamics.integration
        assert isinstance(how, FixedSteps)
        return self._trained(
            block(
                self.dynamics.A,
                self.feed,
                self.start,
                method=self.rival,
                steps=how.steps,
                stop=self.dynamics.stop,
                memristive=self.memristive,
            )  # fmt: skip
        )

    def _trained(self, y: Tensor) -> Tensor:
        self.feed.grad = self.dynamics.A.grad = None
        y.backward(self.upstream)
        return y.detach()


def case(channels: int, size: int, memristive: bool, method: str, rival: str, steps: int, batch: int = BATCH) -> Case:
    """Random weights and feed, of one seed."""
    generator = torch.Generator().manual_seed(0)
    options: dict[str, Any] = {
        "boundary": {"fixed": 0.0}, "stop": 0.5e-6 * steps, "integration": FixedSteps(method, steps),
        "output": Saturation(LEAK), "generator": generator,
    }  # fmt: skip
    make = partial(MCellNN, voltage_unit=V1, area=AREA, x0=X0) if memristive else CellNN
    shape = batch, channels, size, size
    feed = 0.3 * torch.randn(shape, generator=generator)
    upstream = torch.randn(shape, generator=generator)
    layer = make(channels, channels, **options)
    return Case(layer.dynamics, feed.requires_grad_(), torch.zeros(shape), upstream, rival, memristive)


def convolutions(one: Case, evaluations: int) -> Callable[[], None]:
    """The convolutions of so many evaluations, and nothing else."""
    y, A = one.feed.detach(), one.dynamics.A.detach()
    geometry = [1, 1], [1, 1], [1, 1], False, [0, 0], 1

    def run() -> None:
        for _ in range(evaluations):
            torch.nn.functional.conv2d(y, A, padding=1)
            torch.ops.aten.convolution_backward(one.upstream, y, A, None, *geometry, [True, True, False])

    return run


def rows_of(channels: int, size: int) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows of one shape, and what is to be noted of each."""
    for memristive in (False, True):
        for method, rival, steps in METHODS:
            one = case(channels, size, memristive, method, rival, steps)
            cells = "TaOx" if memristive else "plain"
            name = f"{cells}, {channels} channels {size}x{size}, {steps} {method} steps"
            theirs, ours = one.theirs(), one.ours(True)
            difference = float((ours - theirs).abs().max())
            bare = convolutions(one, steps * (2 if method == "heun" else 1))
            for from_zero in (True, False):
                timing = alternate(partial(one.ours, from_zero), one.theirs, ROUNDS)
                text = "torchdiffeq, from 0" if from_zero else "torchdiffeq, from a start of its own"
                yield {"case": name, "rival": text, **timing}, ""
            floor = statistics.median(mean_seconds(bare) for _ in range(ROUNDS))
            yield {}, f"{name}: outputs differ by {difference:.1e}; the convolutions alone take {floor:.3g} s."


def main() -> None:
    """All shapes, on as many threads as torch takes."""
    rows, notes = [], []
    for shape in SHAPES:
        for row, note in rows_of(*shape):
            rows += [row] if row else []
            notes += [note] if note else []
    question = f"training a layer, batch {BATCH}, forward and backward, {torch.get_num_threads()} thread(s)"
    content = {"question": question, "rows": rows, "notes": notes}
    write_results(Path(__file__).parent, {**content, **circumstances("torch", "torchdiffeq")})


if __name__ == "__main__":
    main()
