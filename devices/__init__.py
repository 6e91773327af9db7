"""Electrical components as equations: one component per file, written once for every backend."""

from .errors import CellnnError, InputError, SimulationError
from .memristor import Memristor
from .parameter import parameter

__all__ = ["CellnnError", "InputError", "Memristor", "SimulationError", "parameter"]
