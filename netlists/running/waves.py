"""The waveforms of a transient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...devices.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Waves:
    """What a transient left: `time` (points,) in s, strictly increasing, and `waves["node"]` (points,) in V.

    Names are those of the nodes, without v(), whatever their case; a branch current is `name#branch`, in A. `seconds`
    is the wall time of the analysis (engine `batch`: by ngspice's own clock, in whole milliseconds, at least one) and
    `total_seconds` that of the whole run, processes and transfers included. `warnings` are ngspice's, each once.
    """

    time: np.ndarray
    values: np.ndarray = field(repr=False)
    """(names, points) float64."""
    names: tuple[str, ...] = field(repr=False)
    seconds: float
    total_seconds: float
    version: str
    engine: str
    log: str = field(repr=False)
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> np.ndarray:
        """The waveform (points,) of a node. Raises InputError for a node that was not saved."""
        return self.values[self._row(name)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and plain(name) in self._rows

    def stack(self, names: Iterable[str]) -> np.ndarray:
        """The waveforms (names, points) of several nodes, in their order, as one array of its own.

        Raises InputError for a node that was not saved.
        """
        return self.values[[self._row(name) for name in names]]

    def _row(self, name: str) -> int:
        row = self._rows.get(plain(name))
        if row is None:
            raise InputError("waves", name, "a node that was saved", did_you_mean(name, self.names))
        return row

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}


def plain(name: str) -> str:
    """A variable's name without its wrapping, in lower case: V(a) is a, i(v1) is v1#branch."""
    name = name.lower()
    if name.startswith("v(") and name.endswith(")"):
        return name[2:-1]
    if name.startswith("i(") and name.endswith(")") and not name.startswith("i(@"):
        return f"{name[2:-1]}#branch"
    return name
