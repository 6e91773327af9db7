"""The steppers, one per file."""

from .bs3 import BS3
from .dopri5 import DOPRI5
from .euler import EULER
from .heun import HEUN
from .rk4 import RK4
from .ros34pw2 import ROS34PW2
from .rosenbrock import RosenbrockW
from .tableau import Tableau

STEPPERS: dict[str, Tableau | RosenbrockW] = {
    tableau.name: tableau for tableau in (EULER, HEUN, RK4, BS3, DOPRI5, ROS34PW2)
}

__all__ = ["DOPRI5", "ROS34PW2", "STEPPERS", "RosenbrockW", "Tableau"]
