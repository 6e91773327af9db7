"""Pictures of a trained model by the analog loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from ....devices.errors import InputError
from ...networks.blocks.cells import blocks_of
from ...training.model import Asked, TrainedModel
from .loop import Loop
from .record import AnalogRun
from .sample import analog_sample


def draw(
    model: TrainedModel,
    n: int,
    seed: int,
    loop: Loop,
    labels: Asked = None,
    *,
    guidance: float | None = None,
    batch: int = 32,
    progress: Callable[[float], None] | None = None,
) -> AnalogRun:
    """n pictures (n, channels, rows, columns), float32 in [-1, 1], from the noise `model.sample` has for the same seed.

    What is not given is the config's; latents are decoded, `labels` and `batch` are as there. For a model on a chip,
    give `replace(model, network=deployed)`. The waveforms are those of picture 0 (of its latents, where there are
    some). Raises InputError for what does not fit the model, and SamplingError when voltages stop being finite.
    """
    if n < 1 or batch < 1:
        raise InputError("n" if n < 1 else "batch", n if n < 1 else batch, "at least one sample")
    classes = model.labels(n, labels)
    if guidance is None:
        guidance = 1.0 if classes is None else model.config.sampling.guidance
    if guidance != 1.0 and model.config.training.unconditional in (0.0, 1.0):
        raise InputError("guidance", guidance, "1 for this model", "it was not trained with and without classes")
    runs: list[AnalogRun] = []
    starts = range(0, n, batch)
    for number, start in enumerate(starts):
        part = None if classes is None else classes[torch.arange(start, start + batch).clamp(max=n - 1)]

        def told(done: int, total: int, number: int = number) -> None:
            if progress is not None:
                progress((number + done / total) / len(starts))

        run = analog_sample(
            model.network, model.schedule, model.prediction, (batch, *model.config.array), loop,
            label=part, guidance=guidance, seed=seed, first=start, classes=model.config.classes, callback=told,
        )  # fmt: skip
        runs.append(run)
    pictures = torch.cat([_shown(model, run.pictures) for run in runs])[:n].clamp(-1.0, 1.0)
    return replace(runs[0], pictures=pictures)


def latency_of(network: nn.Module) -> float:
    """How long the arrays of a network run for an answer [s], one after the other; converters take theirs besides.

    Raises InputError for a network without arrays.
    """
    return sum(block.dynamics.stop for block in blocks_of(network).values())


@torch.no_grad()
def _shown(model: TrainedModel, drawn: Tensor) -> Tensor:
    """Pictures of what was drawn: itself, or its latents decoded."""
    if model.autoencoder is None:
        return drawn
    return model.autoencoder.decode(drawn.to(model.autoencoder.scale.device)).cpu()
