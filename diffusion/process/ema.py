"""The running average of a network's weights, which is what samples are drawn with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ...devices.errors import MISSING, InputError


class Ema:
    """average <- d average + (1 - d) value over a module's parameters and buffers, after every step.

    With d = min(decay, (1 + n)/(10 + n)) at update n = 1, 2, ...: a fixed decay would keep the random start for long
    (the warm-up of TensorFlow's ExponentialMovingAverage). Buffers that are not floating point are copied. The average
    is of the module's own precision; at 0.9999 and beyond single precision begins to lose small changes.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999, warm_up: bool = True) -> None:
        if not 0.0 <= decay < 1.0:
            raise InputError("ema", decay, "a number from 0 to below 1")
        self.decay, self.warm_up = decay, warm_up
        self.restart(module)

    def restart(self, module: nn.Module) -> None:
        """Forgets everything: the average is the module's values of now, and their count is 0."""
        self.updates = 0
        self._average = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Takes in the module's values of now."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates)) if self.warm_up else self.decay
        for name, value in module.state_dict().items():
            average = self._average[name]
            if average.is_floating_point():
                average.lerp_(value, 1.0 - decay)
            else:
                average.copy_(value)

    def copy_to(self, module: nn.Module) -> None:
        """Gives the module the averages."""
        module.load_state_dict(self._average)

    def state_dict(self) -> dict[str, Tensor]:
        """The averages, under the module's own names, with `updates` beside them (their count, for going on later)."""
        return {**self._average, "ema.updates": torch.tensor(self.updates)}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from what `state_dict` gave. Raises InputError when its names or shapes are not this module's."""
        wanted = {name: value.shape for name, value in self.state_dict().items()}
        given = {name: value.shape for name, value in state.items()}
        if wanted != given:
            name = sorted(set(wanted.items()) ^ set(given.items()), key=str)[0][0]
            expected = f"a tensor of the shape {tuple(wanted[name])}" if name in wanted else "no such tensor"
            raise InputError(name, tuple(given[name]) if name in given else MISSING, expected)
        self.updates = int(state["ema.updates"])
        for name, average in self._average.items():
            average.copy_(state[name])

    def averages(self) -> dict[str, Tensor]:
        """The averages alone: a state dict of the module."""
        return dict(self._average)
