"""Output stages of a cell: y / V1 = f(v / V1), as equations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from ..devices.functions import clip, maximum
from ..devices.parameter import check_parameters, parameter


@dataclass(frozen=True)
class OutputStage(ABC):
    """The normalised output function of a cell."""

    name: ClassVar[str]

    @property
    def bounded(self) -> bool:
        """Whether |f| never exceeds 1: then Chua & Yang's theorem 1 bounds the states."""
        return False

    def __post_init__(self) -> None:
        check_parameters(self)

    @abstractmethod
    def of(self, s: Any) -> Any:
        """f(s) for the normalised state s = v / V1."""


@dataclass(frozen=True)
class Saturation(OutputStage):
    """f(s) = 0.5 (|s + 1| - |s - 1|) (Chua & Yang 1988, eq. 2b): slope 1 in [-1, 1]; with a leak, slope
    `leak` outside (Horvath's leaky output, so that training has a gradient)."""

    name = "saturation"

    leak: float = parameter(0.0, "1", "slope outside the linear range", low=0, high=1)

    @property
    def bounded(self) -> bool:
        """Without a leak."""
        return self.leak == 0.0

    def of(self, s: Any) -> Any:
        """f(s)."""
        inside = clip(s, -1.0, 1.0)
        return inside + self.leak * (s - inside)


@dataclass(frozen=True)
class Rectifier(OutputStage):
    """f(s) = s for s > 0, leak s below: a half-wave rectifier, a leaky ReLU. Nothing bounds it above, so an array whose
    feedback is strong enough runs away, as its equations do."""

    name = "rectifier"

    leak: float = parameter(0.0, "1", "slope below 0", low=0, high=1)

    def of(self, s: Any) -> Any:
        """f(s)."""
        # the larger of the two, as the leak is at most 1; the slope at 0, where runs begin, is 1
        return maximum(s, self.leak * s)


OUTPUT_STAGES: dict[str, type[OutputStage]] = {stage.name: stage for stage in (Saturation, Rectifier)}
