"""Layers that are ordinary differential equations, solved by torchdiffeq."""

from .evaluations import Evaluations, counted_evaluations
from .second_order import SecondOrder, solved_by
from .solver import Solver, solve

__all__ = ["Evaluations", "SecondOrder", "Solver", "counted_evaluations", "solve", "solved_by"]
