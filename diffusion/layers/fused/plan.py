"""What does not change in a run of fused steps, beside its tensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....circuits.boundary import Boundary
from ....circuits.cells import CellCircuit
from ....devices.parameter import flat_parameters
from ....simulator.steppers import Tableau
from ..coupling import pads_itself
from .code import needs_drive, sweep_module
from .memory import padded_size
from .planes import Outline

Array = NDArray[Any]
CHUNK = 2**18
"""Cells integrated from start to end before the next: between a convolution and a sweep they stay in the caches."""


@dataclass(frozen=True, eq=False)
class Run:
    """What does not change in a run, beside its tensors."""

    cell: CellCircuit
    boundary: Boundary
    groups: int
    tableau: Tableau
    steps: int
    h: float
    channels: int
    size: tuple[int, int]
    kernel: tuple[int, int]
    dtype: np.dtype
    trained: tuple[str, ...]

    @cached_property
    def compiled(self) -> tuple[ModuleType, np.dtype]:
        """The sweeps, and the type of what they take as parameters."""
        return sweep_module(self.cell, self.dtype, self.trained)

    @property
    def states(self) -> int:
        """1, or 2 with a memristor or an inductor."""
        return len(self.cell.states)

    @property
    def memristive(self) -> bool:
        """Whether the second state is a memristor's, held to [0, 1]."""
        return "x" in self.cell.states

    @property
    def keeps_drives(self) -> bool:
        """Whether a backward pass needs what drove the cells."""
        return needs_drive(self.trained)

    @property
    def cells(self) -> int:
        """Of a plane."""
        return self.size[0] * self.size[1]

    @property
    def evaluations(self) -> int:
        """Stages of all steps."""
        return self.steps * self.tableau.stages

    @property
    def torch_dtype(self) -> torch.dtype:
        """The type of the tensors."""
        return torch.float32 if self.dtype == np.float32 else torch.float64

    def chunks(self, samples: int) -> list[slice]:
        """Samples at a time: as many as fit a chunk, whatever the number of threads."""
        length = max(1, CHUNK // (self.channels * self.cells))
        return [slice(first, min(first + length, samples)) for first in range(0, samples, length)]

    def kept(self, samples: int) -> list[tuple[tuple[int, ...], torch.dtype]]:
        """Shapes and types of what a backward pass needs of so many samples: the states of all stages and of the end,
        and of all steps where x was within [0, 1]; what drove the cells where C or L is trained. Outputs are computed
        anew: that takes less time than to write and to read them.
        """
        planes = samples * self.channels
        found: list[tuple[tuple[int, ...], torch.dtype]] = [((self.states, planes, self.cells), self.torch_dtype)] * (
            self.evaluations + 1
        )
        if self.memristive:
            found += [((1, planes, self.cells), torch.uint8)] * self.steps
        if self.keeps_drives:
            found += [((1, planes, self.cells), self.torch_dtype)] * self.evaluations
        return found

    def kept_bytes(self, samples: int) -> int:
        """The memory for it."""
        return sum(padded_size(int(np.prod(shape)) * dtype.itemsize) for shape, dtype in self.kept(samples))

    @cached_property
    def padding(self) -> tuple[int, int]:
        """The convolution's own."""
        above, left = self.kernel[0] // 2, self.kernel[1] // 2
        return (above, left) if pads_itself(self.boundary, above, left) else (0, 0)

    @cached_property
    def outline(self) -> Outline:
        """Of the outputs as the convolution reads them."""
        above, left = self.kernel[0] // 2 - self.padding[0], self.kernel[1] // 2 - self.padding[1]
        return Outline(self.boundary, *self.size, above, left)

    @cached_property
    def weights(self) -> tuple[Array, Array, Array]:
        """h times the tableau's a, b, and the weights that follow each stage (the next row of a, or b)."""
        stages = self.tableau.stages
        a = np.zeros((stages, stages))
        for i, row in enumerate(self.tableau.a):
            a[i, : len(row)] = row
        b = np.array(self.tableau.b)
        return tuple((self.h * w).astype(self.compiled[1]) for w in (a, b, np.vstack([a[1:], b])))  # type: ignore[return-value]

    def values(self, trained: list[Tensor]) -> Array:
        """The cell's parameters, (parameters, channels)."""
        found = np.empty((len(flat_parameters(self.cell)), self.channels))
        given = dict(zip(self.trained, trained, strict=True))
        for row, (name, value) in zip(found, flat_parameters(self.cell).items(), strict=True):
            row[:] = given[name].detach().double().flatten().numpy() if name in given else value
        return found.astype(self.compiled[1])

    def starts_silent(self) -> bool:
        """Whether states of 0 drive nothing through the coupling, so that a first convolution would give zeros."""
        module, dtype = self.compiled
        y = np.ones((1, 1), dtype)
        zero, nowhere = np.zeros((self.states, 1, 1), dtype), np.zeros(0, np.int64)
        module.outputs(0, 1, zero, self.values_at_rest, y, (1, 1, 0, 0), nowhere, nowhere, y[0, 0])
        return y[0, 0] == 0.0 and (self.boundary.kind != "fixed" or self.boundary.value == 0.0)

    @cached_property
    def values_at_rest(self) -> Array:
        """The parameters as they began."""
        return np.repeat(np.array([list(flat_parameters(self.cell).values())], self.compiled[1]).T, self.channels, 1)
