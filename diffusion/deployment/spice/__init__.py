"""Deployed layers in SPICE: a window of each checked against ngspice, and decks of them."""

from .check import WindowCheck, check_windows
from .section import section

__all__ = ["WindowCheck", "check_windows", "section"]
