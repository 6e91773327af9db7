"""The physical quantities of a layer's cells: fixed, or trained within bounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...circuits.cells import CellCircuit
from ...devices.errors import InputError, did_you_mean
from ...devices.parameter import flat_parameters, parameters_of

DECADE = math.log(10.0)
PER_CHANNEL = ("C", "L", "area", "x0")


class CellParameters(nn.Module):
    """The values of a cell's parameters, and the memristors' start x0, as the layer has them now.

    Trained values are functions of unbounded ones that start at 0: C, L, V1 and area stay within a decade of where they
    began, p = p0 exp(ln(10) tanh(t / ln 10)) (so that steps that suited the cell at the start cannot become absurd),
    and x0 within (0, 1), by the logistic function. C, L, area and x0 are trained per channel, V1 for the layer: an
    array has one voltage unit. L is that of second-order cells. Without a memristor nothing normalised depends on V1.

    Raises InputError for quantities that are not there, or that begin at the edge of their range.
    """

    def __init__(self, cell: CellCircuit, channels: int, x0: float | Sequence[float], trainable: Sequence[str]) -> None:
        super().__init__()
        self.cell, self.channels, self.trainable = cell, channels, tuple(trainable)
        self.memristive = "x" in cell.states
        known = ("C", "V1", "area", "x0") if self.memristive else ("C", "L") if hasattr(cell, "L") else ("C",)
        for name in self.trainable:
            if name not in known:
                hint = did_you_mean(name, known)
                raise InputError("trainable", name, f"names of {', '.join(known)}", hint)
            if name != "x0":
                self._check_room(name)
            shape = (1, channels, 1, 1) if name in PER_CHANNEL else ()
            self.register_parameter(name, nn.Parameter(torch.zeros(shape)))
        self._x0 = self._checked_x0(x0)

    def values(self, like: Tensor) -> list[float | Tensor]:
        """In the order of `flat_parameters`: numbers; tensors (1, channels, 1, 1) or () where trained, as `like`."""
        return [
            value * self._factor(name).to(like) if name in self.trainable else value
            for name, value in flat_parameters(self.cell).items()
        ]

    def start(self, like: Tensor) -> Tensor:
        """X0 of every cell, shaped as `like`."""
        return self.x0_of_channels().to(like).expand_as(like)

    def x0_of_channels(self) -> Tensor:
        """(1, channels, 1, 1), float64 where it is not trained."""
        x0 = torch.tensor(self._x0, dtype=torch.float64).reshape(1, -1, 1, 1)
        if "x0" not in self.trainable:
            return x0
        offset = torch.logit(x0).to(self._raw("x0"))
        return torch.sigmoid(self._raw("x0") + offset)

    @torch.no_grad()
    def now(self) -> dict[str, list[float]]:
        """What is trained, by name: one value per channel, V1 alone; SI units, x0 in 1."""
        found: dict[str, list[float]] = {}
        for name in self.trainable:
            if name == "x0":
                found[name] = self.x0_of_channels().double().flatten().tolist()
            else:
                factor = self._factor(name).double()
                found[name] = (getattr(self.cell, name) * factor).flatten().tolist()
        return found

    def starts(self) -> list[float]:
        """The memristors' start in each channel."""
        return [float(value) for value in self.x0_of_channels().detach().flatten()]

    def _raw(self, name: str) -> Tensor:
        found: Tensor = getattr(self, name)  # by torch.func it may be a tensor that is no Parameter
        return found

    def _factor(self, name: str) -> Tensor:
        return torch.exp(DECADE * torch.tanh(self._raw(name) / DECADE))

    def _check_room(self, name: str) -> None:
        value, info = getattr(self.cell, name), parameters_of(self.cell)[name]
        if not (value > 0 and value / 10 >= info.low and value * 10 <= info.high):
            expected = f"a value with room for ten times less and more in {info.low:g} to {info.high:g} {info.unit}"
            raise InputError(name, value, expected, "it is to be trained")

    def _checked_x0(self, x0: Any) -> list[float]:
        values = [x0] if isinstance(x0, int | float) else list(x0)
        if len(values) not in (1, self.channels):
            raise InputError("x0", f"{len(values)} values", f"a number, or {self.channels}: one per channel")
        for value in values:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0.0 <= value <= 1.0:
                raise InputError("x0", value, "a number from 0 to 1")
            if "x0" in self.trainable and not 0.0 < value < 1.0:
                raise InputError("x0", value, "a number between 0 and 1", "it is to be trained")
        return [float(value) for value in values] * (1 if len(values) == self.channels else self.channels)
