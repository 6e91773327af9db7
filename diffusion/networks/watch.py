"""What modules of a network are given and answer while it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import nn

Told = Callable[[str, tuple[Any, ...], Any], None]
"""Called with a module's name, its inputs and its output."""


@contextmanager
def watched(modules: Mapping[str, nn.Module], told: Told) -> Iterator[None]:
    """Within this context `told` hears of every call of these modules, after it, in the order in which they end."""

    def hook(name: str) -> Callable[[nn.Module, tuple[Any, ...], Any], None]:
        return lambda _, given, answer: told(name, given, answer)

    hooks = [module.register_forward_hook(hook(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for each in hooks:
            each.remove()
