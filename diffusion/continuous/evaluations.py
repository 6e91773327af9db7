"""How often solvers ask for the right-hand side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import nn

from .second_order import SecondOrder


@dataclass
class Evaluations:
    """Evaluations of f so far, by the name of the layer in its network; backward passes of the adjoint count, too."""

    of_layer: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Of all layers together."""
        return sum(self.of_layer.values())


@contextmanager
def counted_evaluations(network: nn.Module) -> Iterator[Evaluations]:
    """Counts every evaluation of f in the network's layers of second order, within this context."""
    layers = {name: module for name, module in network.named_modules() if isinstance(module, SecondOrder)}
    found = Evaluations(dict.fromkeys(layers, 0))

    def hook(name: str) -> Callable[..., None]:
        def count(*_: object) -> None:
            found.of_layer[name] += 1

        return count

    hooks = [layer.acceleration.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        yield found
    finally:
        for each in hooks:
            each.remove()
