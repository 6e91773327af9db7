"""The loop at work: `analog_sample`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ....devices.errors import InputError
from ...process import Denoise, Prediction, SamplingError, Schedule, guided
from .bank import Bank
from .loop import Loop
from .record import AnalogRun, Recorder


@torch.no_grad()
def analog_sample(
    denoise: Denoise,
    schedule: Schedule,
    prediction: Prediction,
    shape: Sequence[int],
    loop: Loop,
    generator: torch.Generator | None = None,
    label: Tensor | None = None,
    guidance: float = 1.0,
    *,
    seed: int = 0,
    first: int = 0,
    classes: int | None = None,
    dtype: torch.dtype = torch.float32,
    callback: Callable[[int, int], None] | None = None,
) -> AnalogRun:
    """Pictures of `shape` (n, channels, rows, columns) by a closed analog loop (after Yang et al., arXiv 2404.05648).

    The start noise of sample k (from `first`) of `seed` is that of `process.sample`, so both give pictures of the same
    noise; a `generator` draws the seed. `label` (n,), `guidance` and `classes` are as there. `callback(done, total)`
    is called after each window. Raises InputError for arguments at fault, and SamplingError when voltages stop being
    finite.
    """
    if len(shape) != 4 or min(shape) < 1:
        raise InputError("shape", tuple(shape), "samples x channels x rows x columns, each at least 1")
    if label is not None and label.shape != (shape[0],):
        raise InputError("label", tuple(label.shape), f"one label for each of the {shape[0]} samples")
    if guidance != 1.0:
        classes = getattr(denoise, "classes", None) if classes is None else classes
        if label is None or classes is None or not math.isfinite(guidance):
            raise InputError("guidance", guidance, "1, or a finite number with labels", "guidance wants labels")
        denoise = guided(denoise, guidance, classes)
    if generator is not None:
        seed = int(torch.randint(2**62, (), generator=generator))
    bank = Bank(loop, schedule, prediction, shape, seed, first, dtype)

    def ask(x: Tensor, window: int) -> Tensor:
        return denoise(x, bank.t[window], label)

    x = bank.load()
    recorder = Recorder(loop, x, float(bank.u[0]))
    answers = [ask(x, 0)]
    for window in range(loop.answers):
        if window > 0 and not loop.late:
            answers.append(ask(x, window))
        held = _held(answers, loop.reach(window))
        if not loop.late:
            bank.pause()
        elif 0 < window < loop.answers - 1:
            answers.append(ask(x, window))  # it comes while this window runs, and is held in the next
        recorder.waited(x, held)
        for step in range(loop.substeps):
            number = window * loop.substeps + step
            x = bank.step(x, held, number)
            recorder.stepped(x, step + 1, float(bank.u[2 * number + 2]))
        if not bool(torch.isfinite(x).all()):
            raise SamplingError(
                f"the analog loop ended in window {window + 1} of {loop.answers}: a voltage is no longer finite; "
                "the network's answers are too large or not finite"
            )
        if callback is not None:
            callback(window + 1, loop.answers)
    return recorder.run(x, len(answers))


def _held(answers: list[Tensor], reach: float) -> Tensor:
    """The newest answer, or the straight line through the last two, so many windows later."""
    if reach == 0.0 or len(answers) < 2:
        return answers[-1]
    return answers[-1] + reach * (answers[-1] - answers[-2])
