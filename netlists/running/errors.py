"""What went wrong in ngspice, with what it said last and where the evidence lies."""

from __future__ import annotations

from pathlib import Path

from ...devices.errors import CellnnError

INSTALL = "Debian: apt-get install ngspice libngspice0-dev, macOS: brew install ngspice libngspice, conda: conda \
install -c conda-forge ngspice libngspice"
"""What to run where ngspice is missing."""


class SpiceError(CellnnError):
    """ngspice is missing, failed, or returned what cannot be trusted.

    `summary` is what happened, in a line; `tail` ngspice's last lines; `folder` holds the deck and the log, or is None
    where nothing was run.
    """

    def __init__(self, summary: str, tail: tuple[str, ...] = (), folder: Path | None = None) -> None:
        self.summary, self.tail, self.folder = summary, tail, folder
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [self.summary]
        if self.tail:
            parts += ["ngspice's last lines:", *(f"    {line}" for line in self.tail)]
        if self.folder is not None:
            parts.append(f"deck and log: {self.folder}")
        return "\n".join(parts)
