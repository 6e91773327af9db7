"""What sample() refuses."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor

from ...devices.errors import InputError
from .samplers import Sampler
from .samplers.sampler import ATOL, RTOL


def check(shape: Sequence[int], method: Sampler, eta: float | None, batch: int | None, guidance: float) -> None:
    """Raises InputError for a shape, a batch, an eta or a guidance that is none."""
    if len(shape) < 2 or min(shape) < 1:
        raise InputError("shape", tuple(shape), "samples x channels x rows x columns, each at least 1")
    if batch is not None and batch < 1:
        raise InputError("batch", batch, "at least one sample at a time")
    if eta is not None and not 0.0 <= eta <= 1.0:
        raise InputError("eta", eta, "a number from 0 to 1")
    if eta is not None and method.name != "ddim":
        raise InputError("eta", eta, f"no eta with {method.name}", "only ddim has one")
    if not math.isfinite(guidance):
        raise InputError("guidance", guidance, "a finite number")


def tolerances(method: Sampler, rtol: float | None, atol: float | None) -> tuple[float, float]:
    """With the defaults put in. Raises InputError for a tolerance of a sampler that has none."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and method.evaluations is not None:
            raise InputError(name, value, f"no {name} with {method.name}", "only probability-flow has one")
        if value is not None and not 0.0 < value <= 1.0:
            raise InputError(name, value, "a number above 0 and at most 1")
    return RTOL if rtol is None else rtol, ATOL if atol is None else atol


def check_start(noisy: Tensor | None, shape: Sequence[int], time: float) -> None:
    """Raises InputError for states of another shape, and for a time without them."""
    if noisy is None and time != 1.0:
        raise InputError("time", time, "1 without noisy pictures", "noise alone is the state at t = 1")
    if noisy is not None and tuple(noisy.shape) != tuple(shape):
        raise InputError("noisy", tuple(noisy.shape), f"states of the shape {tuple(shape)}")


def check_labels(label: Tensor | None, n: int, classes: int | None) -> None:
    """Raises InputError unless there is one class, or none of them, for each sample."""
    if label is None:
        return
    if label.shape != (n,):
        raise InputError("label", tuple(label.shape), f"one label for each of the {n} samples")
    if classes is not None and not bool(((label >= 0) & (label <= classes)).all()):
        wrong = int(label[(label < 0) | (label > classes)][0])
        raise InputError("label", wrong, f"labels from 0 to {classes}", f"{classes} is no class")
