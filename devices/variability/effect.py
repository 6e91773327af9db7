"""What all effects have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..parameter import check_parameters

Array = NDArray[np.floating[Any]]
CHIP, PROGRAMMING, RUN, TRANSIENT = "once per chip", "once per programming", "once per run", "during the run"


@dataclass(frozen=True)
class Effect(ABC):
    """One way in which hardware differs from its design. Strength 0 changes no bit of what it is applied to.

    Raises InputError for parameters out of their range.
    """

    name: ClassVar[str]
    when: ClassVar[str]
    """How often it is drawn: CHIP, PROGRAMMING, RUN or TRANSIENT."""
    paper: ClassVar[str]

    def __post_init__(self) -> None:
        check_parameters(self)

    @property
    @abstractmethod
    def active(self) -> bool:
        """Whether it changes anything: what is not active is never applied, and draws nothing."""


@dataclass(frozen=True)
class ConductanceEffect(Effect):
    """An effect on programmed conductances."""

    @abstractmethod
    def applied(self, g: Array, low: float, high: float, generator: np.random.Generator) -> Array:
        """The conductances [S], any shape, of devices that reach from `low` to `high` [S]; g itself stays as it is."""
