"""The first stage of a run in latents: its autoencoder, trained before the denoiser and then left as it is.

It is a function of the config and the data alone and takes a small part of a run, so it has no checkpoints: a run that
was killed during this stage begins it again, and comes to the same bits.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn, optim

from ...devices.errors import InputError
from ..data.images import ImageData
from ..latent import Autoencoder, build_autoencoder
from .batches import Order
from .config import TrainingConfig
from .failures import TrainingError
from .run_folder import RunFolder
from .streams import stream, stream_seed
from .tensor_files import read_tensors, write_tensors

AT_ONCE = 256
"""Pictures encoded at once."""
PREFIX = "autoencoder/"
"""What its weights' names begin with in a model's file."""


def make_autoencoder(config: TrainingConfig) -> Autoencoder | None:
    """The autoencoder of a config before training; None for a run in pixels."""
    if config.latent is None:
        return None
    return build_autoencoder(config.latent, config.picture, stream_seed(config.seed.weights, "autoencoder"))


def prepare_autoencoder(
    model: Autoencoder,
    config: TrainingConfig,
    folder: RunFolder,
    data: ImageData,
    test: ImageData,
    device: torch.device,
    note: Callable[[str], None],
    interrupted: Callable[[], bool],
) -> tuple[Autoencoder | None, dict[str, Any]]:
    """The model, trained, and what is said of it: read from the run's folder, or trained and kept there.

    None, and nothing said, when `interrupted` says so on the way.
    """
    model.to(device)
    if folder.autoencoder.exists():
        weights, about, _ = read_tensors(folder.autoencoder)
        try:
            model.load_state_dict(weights)
        except RuntimeError as error:
            hint = "remove it, and it is trained anew"
            raise InputError("", folder.autoencoder.name, "the run's autoencoder", hint, str(folder.path)) from error
        return model.eval().requires_grad_(False), about
    assert config.latent is not None
    note(f"first the autoencoder: {config.latent.training.steps} steps")
    begin = time.perf_counter()
    loss = _fit(model, config, data, device, interrupted)
    if loss is None:
        return None, {}
    model.eval().requires_grad_(False)
    model.measure_scale(x.to(device) for x in _parts(data))
    errors = [(model.decode(model.encode(x.to(device))).cpu() - x).square().flatten(1).mean(1) for x in _parts(test)]
    about = {"loss": loss, "held_out_error": float(torch.cat(errors).mean()), "seconds": time.perf_counter() - begin}
    write_tensors(folder.autoencoder, model.state_dict(), about)
    note(f"the autoencoder is trained: held-out mean squared error {about['held_out_error']:.4g}")
    return model, about


@torch.no_grad()
def encoded(model: Autoencoder, data: ImageData, device: torch.device) -> Tensor:
    """The latents of all pictures (n, ...), on the CPU."""
    return torch.cat([model.encode(x.to(device)).cpu() for x in _parts(data)])


def marked(model: Autoencoder | None) -> dict[str, Tensor]:
    """Its weights as they stand in a model's file."""
    return {} if model is None else {PREFIX + name: value for name, value in model.state_dict().items()}


def _fit(
    model: Autoencoder, config: TrainingConfig, data: ImageData, device: torch.device, interrupted: Callable[[], bool]
) -> float | None:
    """Train it; the mean loss of the last steps, or None when it was interrupted."""
    assert config.latent is not None
    training, seed = config.latent.training, config.seed
    order = Order(len(data), training.batch, seed.data)
    optimizer = optim.AdamW(model.parameters(), weight_decay=0.0)
    losses: list[float] = []
    for step in range(training.steps):
        if interrupted():
            return None
        x = data.normalised(order.of_step(step)).to(device)
        loss = model.loss(x, stream(seed.noise, "autoencoder", step)).mean()
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        value, length = torch.stack([loss.detach(), norm]).tolist()
        if not (math.isfinite(value) and math.isfinite(length)):
            before = f"the loss before was {losses[-1]:.4g}" if losses else "it is the first"
            raise TrainingError(
                f"the autoencoder's step {step + 1}: its loss or gradient is no longer finite; {before}; try a lower "
                "latent.training.learning_rate"
            )
        for group in optimizer.param_groups:
            group["lr"] = training.learning_rate * 0.5 * (1.0 + math.cos(math.pi * step / training.steps))
        optimizer.step()
        losses = [*losses[-49:], value]
    return sum(losses) / len(losses)


def _parts(data: ImageData) -> Any:
    return (data.normalised(slice(k, k + AT_ONCE)) for k in range(0, len(data), AT_ONCE))
