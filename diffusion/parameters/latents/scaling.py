"""Vectors to numbers of the size networks like, and back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ....devices.errors import InputError
from ..vectors import Layout

STILL = 1e-7
"""A tensor whose numbers spread less has nothing to learn."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """(vector - mean) / scale: each number has its own mean (size,), all numbers of one tensor have one scale (size,),
    the root mean square of their deviations - so that numbers that hardly move stay small."""

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, vectors: Tensor, layout: Layout) -> Scaling:
        """Of vectors (n, size). Raises InputError where none of a tensor's numbers move, or some are not finite."""
        if not bool(torch.isfinite(vectors).all()):
            raise InputError("data.file", "numbers that are not finite", "finite parameters")
        mean = vectors.double().mean(0)
        squares = layout.tensors((vectors.double() - mean).square())
        scales = []
        for name, square in squares.items():
            spread = float(square.mean().sqrt())
            if spread < STILL:
                raise InputError(name, spread, f"parameters that differ by more than {STILL:g}", "they stand still")
            scales.append(torch.full((square[0].numel(),), spread))
        return cls(mean.float(), torch.cat(scales))

    def normalised(self, vectors: Tensor) -> Tensor:
        """(n, size)."""
        return (vectors - self.mean) / self.scale

    def restored(self, normalised: Tensor) -> Tensor:
        """The inverse of `normalised`."""
        return normalised * self.scale + self.mean
