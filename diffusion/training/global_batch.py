"""Parts of networks that see the whole batch, while this process has some of its rows.

torch's SyncBatchNorm needs a GPU; these need nothing but a sum over processes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ...devices.errors import InputError
from ..launched import Processes
from .config import TrainingConfig


class _Summed(torch.autograd.Function):
    """The sum over processes; a gradient is summed likewise, as the loss is the sum of all processes' losses."""

    @staticmethod
    def forward(context: Any, value: Tensor, places: Processes) -> Tensor:
        context.places = places
        return places.summed(value.clone())

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return context.places.summed(gradients[0].clone()), None


def summed(value: Tensor, places: Processes) -> Tensor:
    """The sum of all processes' values, through which gradients flow."""
    found: Tensor = _Summed.apply(value, places)  # type: ignore[no-untyped-call]
    return found


class GlobalBatchNorm2d(nn.BatchNorm2d):
    """A batch norm with the moments of the batch of all processes: those of `BatchNorm2d` on the whole of it.

    S. Ioffe, C. Szegedy, ICML 2015; the variance is that around the common mean, in two passes.
    """

    def __init__(self, norm: nn.BatchNorm2d, places: Processes) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked
        self.train(norm.training)
        self._places = places

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, rows, columns), n the rows of this process."""
        if not self.training:
            return super().forward(x)
        wide = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        count = torch.full((1,), float(x.numel() // x.shape[1]), dtype=wide.dtype, device=x.device)
        sums = summed(torch.cat([wide.sum(dim=(0, 2, 3)), count]), self._places)
        total = sums[-1].detach()
        mean = sums[:-1] / total
        centred = wide - mean[:, None, None]
        variance = summed(centred.square().sum(dim=(0, 2, 3)), self._places) / total
        self._remember(mean.detach(), variance.detach() * (total / (total - 1)))
        gain = torch.rsqrt(variance + self.eps)
        found = centred * (gain if self.weight is None else gain * self.weight)[:, None, None]
        return (found if self.bias is None else found + self.bias[:, None, None]).to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked += 1
        share = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


class GlobalDropout(nn.Dropout):
    """Dropout whose mask is drawn for the whole batch, of which this process takes its rows: that of one process."""

    def __init__(self, dropout: nn.Dropout, places: Processes) -> None:
        super().__init__(dropout.p)
        self.train(dropout.training)
        self._places = places

    def forward(self, x: Tensor) -> Tensor:
        """(n, ..), n the rows of this process."""
        if not self.training or self.p == 0.0:
            return x
        size = len(x) * self._places.count
        first, last = self._places.rows(0, size)
        kept = torch.empty((size, *x.shape[1:]), dtype=x.dtype, device=x.device).bernoulli_(1.0 - self.p)
        return x * kept[first:last].div_(1.0 - self.p)


def check_shareable(config: TrainingConfig, places: Processes) -> None:
    """InputError for a config that several processes cannot train: batches that cannot be shared out evenly, and
    networks that know their chip, as what these draw in a step is not drawn for the whole batch."""
    places.check_batch(config.training.batch // config.training.accumulate)
    if places.count > 1 and config.hardware is not None:
        hint = "start it without accelerate or torchrun"
        raise InputError("hardware", "a mapping", f"nothing with {places.count} processes", hint)


def shared(network: nn.Module, places: Processes) -> None:
    """Make batch norms and dropout of a network work on the batch of all processes."""
    if places.count == 1:
        return
    made: dict[type[nn.Module], Any] = {nn.BatchNorm2d: GlobalBatchNorm2d, nn.Dropout: GlobalDropout}
    for name, module in list(network.named_modules()):
        if type(module) in made:
            parent, _, last = name.rpartition(".")
            setattr(network.get_submodule(parent), last, made[type(module)](module, places))
