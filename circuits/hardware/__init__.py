"""Designed arrays as they are made: `Hardware` says what differs, `chip_of` draws one chip."""

from .border import Border
from .chip import Chip
from .hardware import Hardware

__all__ = ["Border", "Chip", "Hardware"]
