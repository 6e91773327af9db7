"""How far a deployed network is from the ideal one: its answers by diffusion time, its blocks one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..networks.blocks.cells import blocks_of
from ..networks.watch import watched
from .network import DeployedBlock
from .noised import Questions


@dataclass(frozen=True)
class AnswerError:
    """At one diffusion time: mean squared errors of the ideal and the deployed network against the right answer, and
    the rms difference of the two relative to the rms of the ideal one's answer."""

    t: float
    ideal: float
    deployed: float
    difference: float


@torch.no_grad()
def answer_errors(ideal: nn.Module, deployed: nn.Module, asked: Sequence[Questions]) -> list[AnswerError]:
    """One for each set of questions."""
    found = []
    for q in asked:
        expected, got = ideal(q.x, q.t, q.label), deployed(q.x, q.t, q.label)
        found.append(
            AnswerError(
                float(q.t.mean()),
                float((expected - q.answer).square().mean()),
                float((got - q.answer).square().mean()),
                relative(got, expected),
            )
        )
    return found


@torch.no_grad()
def block_errors(ideal: nn.Module, deployed: nn.Module, q: Questions) -> dict[str, float]:
    """The rms difference of every block's output under the ideal network's own input to it, relative to its rms."""
    given: dict[str, tuple[Tensor, Tensor]] = {}
    answers: dict[str, Tensor] = {}

    def keep(name: str, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        given[name], answers[name] = inputs, output

    with watched(blocks_of(ideal), keep):
        ideal(q.x, q.t, q.label)
    made = {name: module for name, module in deployed.named_modules() if isinstance(module, DeployedBlock)}
    return {name: relative(made[name](*given[name]), answers[name]) for name in given}


def relative(found: Tensor, expected: Tensor) -> float:
    """Rms difference, relative to the rms of what was expected."""
    return float((found - expected).square().mean().sqrt() / expected.square().mean().sqrt().clamp(min=1e-30))
