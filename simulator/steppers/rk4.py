"""The classical fourth-order Runge-Kutta method."""

from .tableau import Tableau

RK4 = Tableau(
    name="rk4",
    order=4,
    a=((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
    b=(1 / 6, 1 / 3, 1 / 3, 1 / 6),
    # the third-order interpolant, Hairer, Norsett & Wanner I, section II.6
    dense=((1.0, -1.5, 2 / 3), (0.0, 1.0, -2 / 3), (0.0, 1.0, -2 / 3), (0.0, -0.5, 2 / 3)),
    paper="W. Kutta, Zeitschrift fuer Mathematik und Physik 46, 435-453 (1901)",
)
