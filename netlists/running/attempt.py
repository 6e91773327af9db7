"""What an engine brings back from a run, before anybody has judged it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Attempt:
    """One run of ngspice as it came: `trouble` says in a line why there is no result, and is empty where there is one.

    `values` (variables, points) float64 with `names` as ngspice writes them, time among them; `stdout` and `stderr`
    the two streams' text; `seconds` the wall time of the analysis, None where ngspice did not tell; `total_seconds`
    that of the whole attempt.
    """

    stdout: str
    stderr: str
    trouble: str = ""
    names: tuple[str, ...] = ()
    values: np.ndarray | None = None
    seconds: float | None = None
    total_seconds: float = 0.0
    version: str = "unknown"

    @property
    def log(self) -> str:
        """Both streams, standard error last: that is where ngspice says why it gave up."""
        return "\n".join(part.strip("\n") for part in (self.stdout, self.stderr) if part.strip()) + "\n"
