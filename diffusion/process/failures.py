"""How sampling fails."""

from __future__ import annotations

from ...devices.errors import CellnnError


class SamplingError(CellnnError):
    """A sampling run failed: its numbers are no longer finite, or a tolerance cannot be kept."""
