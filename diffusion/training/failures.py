"""How a training fails: one message with the step, what was seen last, and the likely cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...devices.errors import CellnnError

MEMRISTIVE = ("memristor", "x0", "area")
"""Parts of parameter names that belong to memristors."""
FEEDBACK = ("dynamics", "feedback", "array", "core")
"""Parts of parameter names that belong to the integrated arrays."""


class TrainingError(CellnnError):
    """A training run cannot go on; its last checkpoint is whole."""


@dataclass(frozen=True)
class LastSeen:
    """What was known of the step before the one that failed: its loss, and each parameter's gradient norm."""

    loss: float | None = None
    norms: Tensor | None = None

    def __str__(self) -> str:
        return "it is the first step of this start" if self.loss is None else f"the loss before was {self.loss:.4g}"


def not_finite(what: str, step: int, seen: LastSeen, suspect: tuple[str, str], bfloat16: bool) -> TrainingError:
    """The error for a loss, gradient or weights (`the loss is`, ...) no longer finite; `suspect` is a parameter's
    name and what is told of it."""
    name, told = suspect
    told = f", {told} {name}" if name else ""
    return TrainingError(
        f"step {step}: {what} no longer finite{told}; {seen}; try {', or '.join(_cures(name, bfloat16))}; the "
        "last checkpoint is whole"
    )


def by_gradient(names: Sequence[str], norms: Tensor, before: Tensor | None) -> tuple[str, str]:
    """The parameter whose gradient broke or is the largest; where all broke, the largest of the step before."""
    broken = torch.nonzero(~torch.isfinite(norms)).flatten().tolist()
    if not broken:
        return names[int(norms.argmax())], "the largest gradient is that of"
    if len(broken) < len(names):
        return names[broken[0]], "the first broken gradient is that of"
    if before is None:
        return "", ""
    return names[int(before.argmax())], "the step before's largest gradient is that of"


def by_value(named: Iterable[tuple[str, Tensor]]) -> tuple[str, str]:
    """The first tensor with a number that is not finite; two empty texts when there is none."""
    for name, tensor in named:
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            return name, "the first of them in"
    return "", ""


def out_of_memory(error: BaseException) -> bool:
    """Whether no memory was left: Python's, a GPU's, or torch's on the processor, whose error has no own type."""
    told = ("can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(part in str(error) for part in told)
    )


def _cures(name: str, bfloat16: bool) -> list[str]:
    cures = ["a lower training.learning_rate or gradient_clip"]
    if any(part in name for part in MEMRISTIVE):
        cures.insert(0, "memristors that matter less (a lower voltage unit or area in network)")
    elif any(part in name for part in FEEDBACK):
        cures.insert(0, "a finer integration of the arrays (more steps or a shorter time in network)")
    return [*cures, "training.precision: single"] if bfloat16 else cures
