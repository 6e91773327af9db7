"""What memristors go through as pictures are generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import nn

from .array import Array, DeployedArray
from .html import table
from .network import DeployedBlock


@dataclass
class MemristorDrift:
    """By how much the states x of a layer's memristors change in a run, in every run of a generation, in its order:
    the mean over cells and pictures, and the largest. Every run starts from x as it was programmed; without that,
    the changes would add up to about `mean_in_all`."""

    mean: list[float] = field(default_factory=list)
    largest: list[float] = field(default_factory=list)

    @property
    def mean_in_all(self) -> float:
        """The sum over the runs."""
        return float(np.sum(self.mean))

    @property
    def largest_in_all(self) -> float:
        """Of all runs."""
        return max(self.largest, default=0.0)


@contextmanager
def watched_memristors(chip: nn.Module) -> Iterator[dict[str, MemristorDrift]]:
    """What the memristors of a deployed network do within this context, by layer; nothing where there are none."""
    arrays = {
        name: module.array
        for name, module in chip.named_modules()
        if isinstance(module, DeployedBlock) and module.array.folded.x0
    }
    found = {name: MemristorDrift() for name in arrays}
    try:
        for name, array in arrays.items():
            array.ended = _note(array, found[name])
        yield found
    finally:
        for array in arrays.values():
            array.ended = None


def _note(array: DeployedArray, drift: MemristorDrift) -> Callable[[Array], None]:
    single = array.integration.precision == "single"  # the start as the run has it: rounding is no change
    start = np.asarray(array.chip.x0, np.float32 if single else np.float64)

    def note(states: Array) -> None:
        change = np.abs(states[1] - start)
        drift.mean.append(float(change.mean()))
        drift.largest.append(float(change.max()))

    return note


def section(drifts: dict[str, Any]) -> str:
    """HTML of it, nothing where there are no memristors; `drifts` are those of report.json."""
    if not drifts:
        return ""
    text = (
        "<h2>Memristors</h2><p>By how much their states x, between 0 and 1, change while pictures are generated. "
        "Every run starts from x as programmed; without that, the changes would add up.</p>"
    )
    rows = [
        [name, f"{len(one['mean'])}", f"{one['largest_in_all']:.2g}", f"{one['mean_in_all']:.2g}"]
        for name, one in drifts.items()
    ]
    return text + table(("block", "runs", "largest change in a run", "mean change, all runs together"), rows)
