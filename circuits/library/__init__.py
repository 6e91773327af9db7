"""The published templates: one YAML file each, read by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from ...devices.errors import InputError, did_you_mean

__all__ = ["LibraryTemplate", "template_names", "read_template"]

Kernel = float | tuple[tuple[float, ...], ...] | None
"""A centre weight, rows of weights, or None for zero: what `Template.of` takes."""


@dataclass(frozen=True)
class LibraryTemplate:
    """A template as published, with the setting it is made for."""

    name: str
    summary: str
    """What it does, in one line."""
    A: Kernel
    B: Kernel
    z: float
    setting: Mapping[str, Any]
    """`input` and `initial`, each a word (picture, mask, marker, ...) or a number, and `boundary` as in a spec."""
    output: str
    """What the settled picture means."""
    source: str
    duration: float = 10.0
    """Time constants RC the transient needs, whatever the array's size."""
    duration_per_cell: float = 0.0
    """Time constants RC more for every cell a wave has to travel, where the template propagates."""
    discrete_time: bool = False
    """Whether it is made for synchronous steps v <- A y + B u + z, which no continuous-time array takes."""
    notes: str = ""
    """What was found out about it: where it deviates from its name, and at the array's edge."""

    def suggested_duration(self, rows: int, columns: int) -> float:
        """Time constants RC to wait on an array of this size, when waves run straight. Along winding paths they
        take longer: `duration_per_cell` times the cells of the longest path.
        """
        return self.duration + self.duration_per_cell * (rows + columns)


def template_names() -> list[str]:
    """The names of all published templates, sorted."""
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml"))


def read_template(name: str, place: str = "template") -> LibraryTemplate:
    """The published template of this name, in capitals as published; InputError for any other name."""
    names = template_names()
    if name not in names:
        raise InputError(place, name, "the name of a library template (see `cellnn templates`)", _hint(name, names))
    entry = yaml.safe_load((resources.files(__name__) / f"{name}.yaml").read_text(encoding="utf-8"))
    entry["setting"] = MappingProxyType(entry["setting"])
    return LibraryTemplate(**{**entry, "A": _kernel(entry.get("A")), "B": _kernel(entry.get("B"))})


def _hint(name: Any, names: list[str]) -> str:
    hint = did_you_mean(str(name)[:100], names)
    return hint if hint.startswith("did you mean") else ""


def _kernel(given: Any) -> Kernel:
    if isinstance(given, list):
        return tuple(tuple(float(weight) for weight in row) for row in given)
    return None if given is None else float(given)
