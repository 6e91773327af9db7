"""What an evaluation found: figures, each with its interval, counts and what the data's own pictures score."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .bootstrap import Interval


@dataclass(frozen=True)
class Figure:
    """One measure. `interval` is at 95 %; `own` is what pictures of the data score in place of samples; `count`
    samples were compared with `against` pictures. Without a value, `note` says why."""

    value: float | None
    interval: Interval | None = None
    count: int = 0
    against: int = 0
    own: float | None = None
    better: str = ""
    note: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The figures by name, the classes' shares, and all that the figures depend on."""

    figures: dict[str, Figure]
    classes: dict[str, dict[str, float]]
    classifier: dict[str, Any]
    data: dict[str, Any]
    seed: int
    versions: dict[str, str]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)
