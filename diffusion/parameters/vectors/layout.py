"""Which parameters, in which order, with which shapes: between named tensors and vectors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ....devices.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Layout:
    """Names and shapes of the parameters, in the network's order."""

    shapes: Mapping[str, tuple[int, ...]]

    @classmethod
    def chosen(cls, network: nn.Module, names: Sequence[str]) -> Layout:
        """The parameters of these names, and those within the parts of these names (`layers.0`, `layers.0.cells.z`).

        Raises InputError, placed at `parameters[k]`, for a name that fits nothing.
        """
        own = {name: tuple(value.shape) for name, value in network.named_parameters()}
        taken = set()
        for k, name in enumerate(names):
            fitting = {key for key in own if key == name or key.startswith(f"{name}.")}
            if not fitting:
                parts = {".".join(key.split(".")[: n + 1]) for key in own for n in range(key.count(".") + 1)}
                hint = did_you_mean(name, parts)
                raise InputError(f"parameters[{k}]", name, "a parameter of the network, or a part that has some", hint)
            taken |= fitting
        return cls({name: shape for name, shape in own.items() if name in taken})

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def vectors(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """(n, size) of tensors (n, *shape) by name. Raises InputError for a tensor that is missing or does not fit."""
        for name, shape in self.shapes.items():
            if name not in tensors:
                raise InputError(name, "nothing", f"a tensor of shape (n, {', '.join(map(str, shape))})")
            if tuple(tensors[name].shape[1:]) != shape:
                raise InputError(
                    name, tuple(tensors[name].shape), f"a tensor of shape (n, {', '.join(map(str, shape))})"
                )
        return torch.cat([tensors[name].flatten(1) for name in self.shapes], dim=1)

    def tensors(self, vectors: Tensor) -> dict[str, Tensor]:
        """Tensors (n, *shape) by name, of vectors (n, size)."""
        parts = torch.split(vectors, [math.prod(shape) for shape in self.shapes.values()], dim=1)
        return {
            name: part.reshape(len(vectors), *shape)
            for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }

    def of(self, network: nn.Module) -> Tensor:
        """(size,), the network's values of now."""
        own = dict(network.named_parameters())
        return self.vectors({name: own[name].detach()[None] for name in self.shapes})[0].clone()

    def plain(self) -> dict[str, list[int]]:
        """For JSON."""
        return {name: list(shape) for name, shape in self.shapes.items()}

    @classmethod
    def from_plain(cls, shapes: Mapping[str, Sequence[int]]) -> Layout:
        """What `plain` gave."""
        return cls({name: tuple(shape) for name, shape in shapes.items()})
