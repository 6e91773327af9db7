"""One step: its examples, the loss, the gradient, the change of the weights."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn, optim

from ..data.images import ImageData
from ..launched import here
from ..process import Denoise, diffusion_loss, draw_times, drop_labels
from .batches import Order, Variation
from .config import ProcessSpec, TrainingConfig
from .streams import stream, stream_seed


@dataclass(frozen=True)
class Examples:
    """Pictures x0 and noise eps (n, channels, rows, columns), times t (n,) and classes (n,), or whatever else is told
    of each, or None, on the CPU."""

    x0: Tensor
    eps: Tensor
    t: Tensor
    label: Tensor | None

    def part(self, start: int, stop: int) -> Examples:
        """Some of them."""
        label = None if self.label is None else self.label[start:stop]
        return Examples(self.x0[start:stop], self.eps[start:stop], self.t[start:stop], label)


class ExampleSource:
    """The examples of each step: functions of the config's seeds and the step's number, of nothing else.

    Where there are `latents` of the pictures (n, channels, rows, columns), these are the examples.
    """

    def __init__(self, config: TrainingConfig, data: ImageData, latents: Tensor | None = None) -> None:
        self.config, self.data, self.latents = config, data, latents
        training = config.training
        self.order = Order(len(data), training.batch, config.seed.data)
        self.variation = Variation(training.flips, training.shifts)

    def of_step(self, step: int) -> Examples:
        """The examples of a step, from 0."""
        seed, chosen = self.config.seed, self.order.of_step(step)
        if self.latents is None:
            x0 = self.variation.apply(self.data.normalised(chosen), stream(seed.data, "variation", step))
        else:
            x0 = self.latents[chosen]
        eps = torch.randn(x0.shape, generator=stream(seed.noise, "noise", step))
        t = draw_times(len(x0), self.config.process.steps, stream(seed.noise, "times", step))
        classes, label = self.config.classes, conditions_of(self.data, chosen)
        if classes is not None:
            share = self.config.training.unconditional
            label = drop_labels(self.data.labels[chosen], share, classes, stream(seed.noise, "no class", step))
        return Examples(x0, eps, t, label)


def conditions_of(data: ImageData, chosen: Tensor) -> Tensor | None:
    """What is told of these data in place of classes (n, ...); of pictures nothing."""
    conditions: Tensor | None = getattr(data, "conditions", None)
    return None if conditions is None else conditions[chosen]


def losses(process: ProcessSpec, denoise: Denoise, examples: Examples, device: torch.device) -> Tensor:
    """The loss of each example: (n,), on the device."""
    x0, eps = examples.x0.to(device), examples.eps.to(device)
    label = None if examples.label is None else examples.label.to(device)
    return diffusion_loss(
        denoise, process.noise(), process.prediction, x0, eps, examples.t.to(device), label, process.loss
    )


def gradients(
    config: TrainingConfig, network: nn.Module, examples: Examples, step: int, device: torch.device
) -> Tensor:
    """Leaves the gradient of the mean loss in the network's parameters and returns the mean, on the device.

    Of several processes each takes its rows of every part of the batch; gradients and loss are sums over all.
    Random parts of the network (dropout) draw from torch's own generator, seeded for the step.
    """
    training = config.training
    torch.manual_seed(stream_seed(config.seed.noise, "network", step))
    network.zero_grad(set_to_none=True)
    size = training.batch // training.accumulate
    total, places = torch.zeros((), device=device), here()
    for start in range(0, training.batch, size):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=training.precision == "bfloat16"):
            each = losses(config.process, network, examples.part(*places.rows(start, start + size)), device)
        loss = each.sum() / training.batch
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.detach()
    if places.count == 1:
        return total
    held = [total, *(parameter.grad for parameter in network.parameters() if parameter.grad is not None)]
    sums = places.summed(torch.cat([each.reshape(-1) for each in held]))  # one message, not one for each
    for each, found in zip(held, torch.split(sums, [each.numel() for each in held]), strict=True):
        each.copy_(found.view_as(each))
    return total


def gradient_norms(network: nn.Module) -> tuple[list[str], Tensor]:
    """The names of the parameters that have a gradient, and the norms of these (parameters,)."""
    held = [(name, p.grad) for name, p in network.named_parameters() if p.grad is not None]
    return [name for name, _ in held], torch.stack([torch.linalg.vector_norm(grad) for _, grad in held])


def update(network: nn.Module, optimizer: optim.Optimizer, rate: float, norm: Tensor, clip: float | None) -> None:
    """Change the weights by the gradient, whose norm is shortened to at most `clip`."""
    if clip is not None:
        factor = torch.clamp(clip / (norm + 1e-6), max=1.0)
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(factor)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
