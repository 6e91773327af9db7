"""The steppers, one per file."""

from .dopri5 import DOPRI5
from .euler import EULER
from .rk4 import RK4
from .tableau import Tableau

STEPPERS: dict[str, Tableau] = {tableau.name: tableau for tableau in (EULER, RK4, DOPRI5)}

__all__ = ["STEPPERS", "Tableau"]
