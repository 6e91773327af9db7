"""Energy and time of a deployed network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...networks.watch import watched
from ..network import DeployedBlock
from ..noised import Questions
from .assumptions import CostSpec
from .case import Case, case_of
from .digital import Processor, measured_here, multiplications
from .layer import LayerRun, layer_run
from .yardsticks import YARDSTICKS, Yardstick


@dataclass(frozen=True)
class Cost:
    """What a deployed network takes. SI units."""

    pictures: int
    """Whose runs were integrated."""
    points: int
    settled: float
    """The share below which |dv/dt| counts as rest, and of the output's value."""
    evaluations: int
    """Of the network, for one picture."""
    runs: list[LayerRun]
    """One of each layer, in the sequence of an evaluation: measured on waveforms, nothing assumed."""
    operations: int
    """Of the arrays, in one evaluation."""
    multiplications: int
    """Digital ones in one evaluation: convolutions, ways around the blocks, embedding, readout."""
    cases: list[Case]
    """The same runs under each set of assumptions."""
    processor: Processor | None
    """The torch network on this machine."""
    yardsticks: tuple[Yardstick, ...] = YARDSTICKS


@torch.no_grad()
def cost_of(
    network: nn.Module,
    asked: Questions,
    evaluations: int,
    spec: CostSpec | None = None,
    *,
    ideal: nn.Module | None = None,
) -> Cost:
    """What `network`, of `deployed(...)`, takes for a picture that asks it `evaluations` times.

    The first `spec.pictures` of the questions are sent through it, and what its arrays meet is integrated once more,
    from start to stop, at `spec.points` times. `ideal` is the torch network, whose answers are timed on this machine.
    """
    spec = spec or CostSpec()
    few = _first(asked, spec.pictures)
    macs = multiplications(network, _first(asked, 1))
    runs = []
    for name, block, u, condition in _met(network, few):
        gain, bias = block.gain_and_bias(condition)
        given = (u.numpy(), gain.numpy(), bias.numpy())
        runs.append(layer_run(name, block.array, given, points=spec.points, settled=spec.settled, moved=spec.moved))
    digital = sum(macs.values()) + sum(run.cells for run in runs)  # the readout: a gain for each number
    return Cost(
        pictures=len(few.x),
        points=spec.points,
        settled=spec.settled,
        evaluations=evaluations,
        runs=runs,
        operations=sum(run.operations for run in runs),
        multiplications=digital,
        cases=[case_of(name, runs, digital, evaluations, one) for name, one in spec.sets.items()],
        processor=None if ideal is None else measured_here(ideal, asked),
    )


@torch.no_grad()
def _met(network: nn.Module, q: Questions) -> Sequence[tuple[str, DeployedBlock, Tensor, Tensor]]:
    """The deployed blocks in the sequence in which they are asked, with their inputs and conditions."""
    found: list[tuple[str, DeployedBlock, Tensor, Tensor]] = []
    blocks = {name: part for name, part in network.named_modules() if isinstance(part, DeployedBlock)}

    def keep(name: str, given: tuple[Tensor, Tensor], _: Tensor) -> None:
        found.append((name, blocks[name], given[0].clone(), given[1].clone()))

    with watched(blocks, keep):
        network(q.x, q.t, q.label)
    return found


def _first(q: Questions, n: int) -> Questions:
    return Questions(q.x[:n], q.t[:n], None if q.label is None else q.label[:n], q.answer[:n])
