"""The steppers, one per file."""

from .bs3 import BS3
from .dopri5 import DOPRI5
from .euler import EULER
from .heun import HEUN
from .rk4 import RK4
from .tableau import Tableau

STEPPERS: dict[str, Tableau] = {tableau.name: tableau for tableau in (EULER, HEUN, RK4, BS3, DOPRI5)}

__all__ = ["STEPPERS", "Tableau"]
