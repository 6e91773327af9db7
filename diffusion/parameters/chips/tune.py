"""Fine-tuning for given chips: the reference, and where the generative model learns from."""

from __future__ import annotations

import torch
from torch import Tensor, optim
from torch.nn import functional

from ....devices.errors import InputError
from ..sources.network import Classifier
from ..vectors import Layout
from .forward import Settings, logits_on_chips
from .made import MadeLayer


def check_layout(layout: Layout, network: Classifier) -> None:
    """InputError unless the parameters are z and gain of layers, which many chips can have side by side."""
    for name in layout.shapes:
        if not name.startswith("layers.") or name.split(".", 2)[2] not in ("cells.z", "gain"):
            known = [f"layers.{k}.{part}" for k in range(len(network.layers)) for part in ("cells.z", "gain")]
            raise InputError("parameters", name, f"for chips only {', '.join(known)}")


def told_by(layout: Layout, vectors: Tensor, network: Classifier) -> dict[int, Settings]:
    """What vectors (n, size) tell the layers; the network's own values where they say nothing."""
    tensors = layout.tensors(vectors)
    found = {}
    for number, layer in enumerate(network.arrays):
        shape = (len(vectors), layer.cells.channels)
        z = tensors.get(f"layers.{number}.cells.z", layer.cells.z.expand(shape))
        found[number] = Settings(z, tensors.get(f"layers.{number}.gain", layer.gain.expand(shape)))
    return found


def tuned(
    network: Classifier,
    chips: list[MadeLayer],
    layout: Layout,
    batches: list[tuple[Tensor, Tensor]],
    learning_rate: float,
) -> Tensor:
    """(chips, size): the parameters of each chip after a step of Adam with each of the batches, from the nominal ones.

    A batch is pictures (b, ...) and the ideal network's logits (b, classes), which each chip is to come near in the
    mean square. All chips see the same ones, each is trained by itself.
    """
    n = len(chips[0].maps["A"])
    vectors = layout.of(network).repeat(n, 1).requires_grad_(True)
    optimizer = optim.Adam([vectors], lr=learning_rate)
    for step, (pictures, wanted) in enumerate(batches):
        for group in optimizer.param_groups:  # falls to a fifth, so that the last pictures do not decide
            group["lr"] = learning_rate * (1.0 - 0.8 * step / len(batches))
        b = len(pictures)
        rows = torch.arange(n).repeat_interleave(b)
        made = [layer.rows(rows) for layer in chips]
        told = told_by(layout, vectors[rows], network)
        logits = logits_on_chips(network, pictures.repeat(n, 1, 1, 1), made, told)
        loss = functional.mse_loss(logits, wanted.repeat(n, 1)) * n
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return vectors.detach()
