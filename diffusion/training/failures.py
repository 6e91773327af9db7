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
    """What was known before the step that failed: its loss, and each parameter's gradient norm."""

    loss: float | None = None
    norms: Tensor | None = None


def not_finite(
    what: str, step: int, seen: LastSeen, names: Sequence[str], norms: Tensor | None, bfloat16: bool
) -> TrainingError:
    """The error for a loss, gradient or weight that is no longer finite.

    Names the only parameters whose gradients are at fault, or, where all are, the largest gradient of the step before.
    """
    name, which = _suspect(names, norms, seen.norms)
    told = f", {which} gradient is that of {name}" if name else ""
    loss = "it is the first step" if seen.loss is None else f"the loss before was {seen.loss:.4g}"
    return TrainingError(
        f"step {step}: the {what} is no longer finite{told}; {loss}; try {', or '.join(_cures(name, bfloat16))}; the "
        "last checkpoint is whole"
    )


def is_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether every number of floating point is finite."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors if tensor.is_floating_point())


def _suspect(names: Sequence[str], norms: Tensor | None, before: Tensor | None) -> tuple[str, str]:
    if norms is not None:
        broken = torch.nonzero(~torch.isfinite(norms)).flatten().tolist()
        if not broken:
            return names[int(norms.argmax())], "the largest"
        if len(broken) < len(names):
            return names[broken[0]], "the first broken"
    return ("", "") if before is None else (names[int(before.argmax())], "the step before's largest")


def _cures(name: str, bfloat16: bool) -> list[str]:
    cures = ["a lower training.learning_rate or gradient_clip"]
    if any(part in name for part in MEMRISTIVE):
        cures.insert(0, "memristors that matter less (a lower voltage unit or area in network)")
    elif any(part in name for part in FEEDBACK):
        cures.insert(0, "a finer integration of the arrays (more steps or a shorter time in network)")
    return [*cures, "training.precision: single"] if bfloat16 else cures
